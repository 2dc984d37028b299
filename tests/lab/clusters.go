package main

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

func clusterResource(name string) schema.GroupVersionResource {
	return schema.GroupVersionResource{Group: "cluster.x-k8s.io", Version: "v1beta2", Resource: name}
}

// watchClusters waits for each cluster whose machines the dev provider keeps in memory. Others have no provider here.
func (server *server) watchClusters(ctx context.Context, chosen settings, result *applied) error {
	clusters, err := server.inMemoryClusters(ctx)
	if err != nil {
		return err
	}
	for _, cluster := range clusters {
		var machines int
		waited := server.await(ctx, chosen.patience, func() error {
			machines, err = server.isUp(ctx, cluster)
			return err
		})
		name := cluster.GetNamespace() + "/" + cluster.GetName()
		if waited != nil {
			result.problems = append(result.problems, "Cluster "+name+": "+waited.Error())
			continue
		}
		fmt.Printf("cluster %s has come up with %d machines\n", name, machines)
	}
	fmt.Printf("%d in-memory clusters\n", len(clusters))
	return nil
}

// inMemoryClusters leaves out paused ones: nobody works on them.
func (server *server) inMemoryClusters(ctx context.Context) ([]*unstructured.Unstructured, error) {
	list, err := server.dynamic.Resource(clusterResource("clusters")).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	var inMemory []*unstructured.Unstructured
	for index := range list.Items {
		cluster := &list.Items[index]
		paused, _, _ := unstructured.NestedBool(cluster.Object, "spec", "paused")
		kind, _, _ := unstructured.NestedString(cluster.Object, "spec", "infrastructureRef", "kind")
		if paused || kind != "DevCluster" {
			continue
		}
		infrastructure := schema.GroupVersionResource{Group: "infrastructure.cluster.x-k8s.io", Version: "v1beta2", Resource: "devclusters"}
		name, _, _ := unstructured.NestedString(cluster.Object, "spec", "infrastructureRef", "name")
		dev, err := server.dynamic.Resource(infrastructure).Namespace(cluster.GetNamespace()).Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return nil, err
		}
		if _, found, _ := unstructured.NestedMap(dev.Object, "spec", "backend", "inMemory"); found {
			inMemory = append(inMemory, cluster)
		}
	}
	return inMemory, nil
}

// isUp holds when Cluster API itself calls the cluster available, and each wanted machine runs.
func (server *server) isUp(ctx context.Context, cluster *unstructured.Unstructured) (int, error) {
	client := server.dynamic.Resource(clusterResource("clusters")).Namespace(cluster.GetNamespace())
	current, err := client.Get(ctx, cluster.GetName(), metav1.GetOptions{})
	if err != nil {
		return 0, err
	}
	running, total, err := server.machines(ctx, cluster)
	if err != nil {
		return 0, err
	}
	wanted, err := server.wantedMachines(ctx, current)
	if err != nil {
		return 0, err
	}
	if status := conditionStatus(current, "Available"); status != "True" || running != wanted || total != wanted {
		return running, fmt.Errorf("condition Available is %q, %d of %d machines run, %d are wanted", status, running, total, wanted)
	}
	return running, nil
}

func ofCluster(cluster *unstructured.Unstructured) metav1.ListOptions {
	return metav1.ListOptions{LabelSelector: labels.Set{"cluster.x-k8s.io/cluster-name": cluster.GetName()}.String()}
}

func (server *server) machines(ctx context.Context, cluster *unstructured.Unstructured) (running, total int, err error) {
	client := server.dynamic.Resource(clusterResource("machines")).Namespace(cluster.GetNamespace())
	list, err := client.List(ctx, ofCluster(cluster))
	if err != nil {
		return 0, 0, err
	}
	for _, machine := range list.Items {
		if phase, _, _ := unstructured.NestedString(machine.Object, "status", "phase"); phase == "Running" {
			running++
		}
	}
	return running, len(list.Items), nil
}

func (server *server) wantedMachines(ctx context.Context, cluster *unstructured.Unstructured) (int, error) {
	name, _, _ := unstructured.NestedString(cluster.Object, "spec", "controlPlaneRef", "name")
	controlPlanes := schema.GroupVersionResource{Group: "controlplane.cluster.x-k8s.io", Version: "v1beta2", Resource: "kubeadmcontrolplanes"}
	controlPlane, err := server.dynamic.Resource(controlPlanes).Namespace(cluster.GetNamespace()).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return 0, err
	}
	deployments, err := server.dynamic.Resource(clusterResource("machinedeployments")).Namespace(cluster.GetNamespace()).List(ctx, ofCluster(cluster))
	if err != nil {
		return 0, err
	}
	wanted := replicas(controlPlane)
	for _, deployment := range deployments.Items {
		wanted += replicas(&deployment)
	}
	return wanted, nil
}

func replicas(object *unstructured.Unstructured) int {
	count, _, _ := unstructured.NestedInt64(object.Object, "spec", "replicas")
	return int(count)
}
