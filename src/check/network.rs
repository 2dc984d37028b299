//! IP networks.

use std::net::IpAddr;
use std::str::FromStr;

use super::place;
use crate::spec::cluster::Cluster;
use crate::spec::yaml::Node;

/// An IP network: `10.0.0.0/16`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u32,
}

/// Why a text is no [`Network`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotANetwork;

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let (address, prefix) = text.split_once('/').ok_or(NotANetwork)?;
        let address = address.parse().map_err(|_| NotANetwork)?;
        Ok(Self { address, prefix: prefix.parse().map_err(|_| NotANetwork)? })
    }
}

impl Network {
    /// Returns the network of one address.
    pub fn of(address: IpAddr) -> Self {
        Self { address, prefix: if address.is_ipv4() { 32 } else { 128 } }
    }

    /// Returns whether an address lies in both networks; never for two families.
    pub fn overlaps(&self, other: &Self) -> bool {
        let prefix = self.prefix.min(other.prefix);
        match (self.address, other.address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let differing = u32::from(own) ^ u32::from(other);
                differing.leading_zeros() >= prefix
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let differing = u128::from(own) ^ u128::from(other);
                differing.leading_zeros() >= prefix
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

/// A network, where it is written.
pub type WrittenNetwork<'a> = (&'a Node, Network);

/// Returns the networks that a list of a map holds; empty where it is not there.
pub fn written<'a>(map: &'a Node, field: &str) -> Vec<WrittenNetwork<'a>> {
    place::items(map, field).iter().filter_map(read).collect()
}

/// Returns the networks of a cluster's machines that its provider's block says: of subnets that are made or used, and of a VPC.
pub fn of_machines(cluster: &Cluster) -> Vec<WrittenNetwork<'_>> {
    let Some(block) = place::written(&cluster.spec, cluster.provider.as_str()) else { return Vec::new() };
    let subnets = place::items(block, "subnets").iter().filter_map(|subnet| subnet.get("cidr"));
    subnets.chain(block.at("/vpc/cidr")).filter_map(read).collect()
}

fn read(node: &Node) -> Option<WrittenNetwork<'_>> {
    Some((node, node.as_str()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_overlap_where_the_shorter_prefix_agrees() -> Result<(), NotANetwork> {
        let table = [
            ("10.0.0.0/8", "10.96.0.0/12", true),
            ("10.96.0.0/12", "10.112.0.0/16", false),
            ("10.0.0.0/32", "10.0.0.1/32", false),
            ("10.0.0.1/32", "10.0.0.1/32", true),
            ("0.0.0.0/0", "192.168.0.0/16", true),
            ("fd00::/64", "fd00:0:0:1::/64", false),
            ("::/0", "10.0.0.0/8", false),
        ];
        for (own, other, expected) in table {
            let (own, other): (Network, Network) = (own.parse()?, other.parse()?);
            assert_eq!(own.overlaps(&other), expected, "{own:?} {other:?}");
            assert_eq!(other.overlaps(&own), expected, "{own:?} {other:?}");
        }
        Ok(())
    }
}
