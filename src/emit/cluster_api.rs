//! The Cluster API objects of one cluster.

pub mod finish;
pub mod openstack_v1beta1;
pub mod template_name;
