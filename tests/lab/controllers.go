package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// runCommand applies the tree once the controllers are ready, then waits for what they make of it.
func runCommand(ctx context.Context, chosen settings, tree string) error {
	groups, err := readTree(tree)
	if err != nil {
		return err
	}
	server, err := startServer(ctx, chosen)
	defer server.stop()
	if err != nil {
		return err
	}
	if err := server.installDefinitions(ctx, chosen.definitions); err != nil {
		return err
	}
	if err := server.startProviders(ctx, chosen.providers); err != nil {
		return err
	}
	if err := server.startApplicationSets(ctx, chosen.namespace); err != nil {
		return err
	}
	result := &applied{unserved: map[string]int{}}
	for _, group := range groups {
		if group.name != "" {
			// For workload clusters, of which there are none here but what the dev provider keeps in memory.
			continue
		}
		if _, err := server.applyGroup(ctx, chosen, group, result); err != nil {
			return err
		}
	}
	fmt.Println(result.summary() + " with all webhooks at work")
	if err := server.watchApplications(ctx, chosen, result); err != nil {
		return err
	}
	if err := server.watchClusters(ctx, chosen, result); err != nil {
		return err
	}
	return result.verdict()
}

// startProviders installs all webhooks before the managers answer them; nothing is written in between.
func (server *server) startProviders(ctx context.Context, providers []provider) error {
	ports, err := freePorts(2 * len(providers))
	if err != nil {
		return err
	}
	for index := range providers {
		providers[index].webhookPort = ports[2*index]
		if err := server.installProvider(ctx, providers[index]); err != nil {
			return err
		}
	}
	if err := server.awaitDefinitions(ctx); err != nil {
		return err
	}
	for index, provider := range providers {
		if err := server.startProvider(ctx, provider, ports[2*index+1]); err != nil {
			return err
		}
	}
	return nil
}

func (server *server) startProvider(ctx context.Context, provider provider, healthPort int) error {
	certificates := server.authority.file(provider.program + "-certificates")
	if err := os.Mkdir(certificates, 0o700); err != nil {
		return err
	}
	for from, to := range map[string]string{"webhook.crt": "tls.crt", "webhook.key": "tls.key"} {
		if err := os.Link(server.authority.file(from), certificates+"/"+to); err != nil {
			return err
		}
	}
	environment := []string{
		"KUBECONFIG=" + server.kubeconfig,
		// The address of the API servers that the dev provider keeps in memory.
		"POD_IP=127.0.0.1",
	}
	err := server.start(provider.program, environment, []string{
		fmt.Sprintf("--webhook-port=%d", provider.webhookPort), "--webhook-cert-dir=" + certificates,
		fmt.Sprintf("--health-addr=127.0.0.1:%d", healthPort),
		"--diagnostics-address=127.0.0.1:0", "--insecure-diagnostics=true", "--leader-elect=false",
		// Off by default in Cluster API 1.14, and needed for `format: ignition`.
		"--feature-gates=MachinePool=true,KubeadmBootstrapFormatIgnition=true",
	})
	if err != nil {
		return err
	}
	return server.await(ctx, time.Minute, func() error {
		answer, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/readyz", healthPort))
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			return fmt.Errorf("%s answers %s", provider.program, answer.Status)
		}
		return nil
	})
}

// startApplicationSets makes what an installation of Argo CD has beside yoshino's objects: its namespace, and the project
// `default`, which its server makes at the first start.
func (server *server) startApplicationSets(ctx context.Context, namespace string) error {
	if err := server.ensureNamespace(ctx, namespace); err != nil {
		return err
	}
	project := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject",
		"metadata": map[string]any{"name": "default", "namespace": namespace},
		"spec": map[string]any{
			"sourceRepos":              []any{"*"},
			"destinations":             []any{map[string]any{"server": "*", "namespace": "*"}},
			"clusterResourceWhitelist": []any{map[string]any{"group": "*", "kind": "*"}},
		},
	}}
	if _, err := server.apply(ctx, project); err != nil {
		return err
	}
	ports, err := freePorts(1)
	if err != nil {
		return err
	}
	return server.start("applicationset-controller", []string{"KUBECONFIG=" + server.kubeconfig}, []string{
		"--kubeconfig=" + server.kubeconfig, "--namespace=" + namespace,
		"--metrics-addr=127.0.0.1:0", "--probe-addr=127.0.0.1:0", fmt.Sprintf("--webhook-addr=127.0.0.1:%d", ports[0]),
		"--enable-leader-election=false", "--logformat=json",
	})
}
