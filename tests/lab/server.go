package main

import (
	"context"
	"crypto/x509/pkix"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// server is a kube-apiserver with its etcd, and our way to talk to it.
type server struct {
	processes
	authority  *authority
	kubeconfig string
	clientset  kubernetes.Interface
	dynamic    dynamic.Interface
	mapper     *restmapper.DeferredDiscoveryRESTMapper
}

// startServer returns when the API server is ready. Whoever calls it must call stop, also after an error.
func startServer(ctx context.Context, chosen settings) (*server, error) {
	started := &server{processes: processes{programs: chosen.programs, logs: chosen.logs}}
	if err := os.RemoveAll(chosen.logs); err != nil {
		return started, err
	}
	if err := os.MkdirAll(chosen.logs, 0o700); err != nil {
		return started, err
	}
	ports, err := freePorts(3)
	if err != nil {
		return started, err
	}
	if err := started.makeCredentials(ports[2]); err != nil {
		return started, err
	}
	if err := started.startEtcd(ports[0], ports[1]); err != nil {
		return started, err
	}
	if err := started.startAPIServer(ports[0], ports[2]); err != nil {
		return started, err
	}
	err = started.await(ctx, time.Minute, func() error {
		_, err := started.clientset.Discovery().RESTClient().Get().AbsPath("/readyz").DoRaw(ctx)
		return err
	})
	return started, err
}

func (server *server) makeCredentials(port int) error {
	authority, err := newAuthority(server.logs)
	if err != nil {
		return err
	}
	server.authority = authority
	subjects := map[string]pkix.Name{
		"apiserver": {CommonName: "kube-apiserver"},
		"webhook":   {CommonName: "webhook"},
		"service":   {CommonName: "service-accounts"},
		"admin":     {CommonName: "admin", Organization: []string{"system:masters"}},
	}
	for name, subject := range subjects {
		if err := authority.issue(name, subject); err != nil {
			return err
		}
	}
	server.kubeconfig = filepath.Join(server.logs, "kubeconfig")
	config := clientcmdapi.Config{
		Clusters: map[string]*clientcmdapi.Cluster{"lab": {
			Server: fmt.Sprintf("https://127.0.0.1:%d", port), CertificateAuthority: authority.file("ca.crt"),
		}},
		AuthInfos: map[string]*clientcmdapi.AuthInfo{"admin": {
			ClientCertificate: authority.file("admin.crt"), ClientKey: authority.file("admin.key"),
		}},
		Contexts:       map[string]*clientcmdapi.Context{"lab": {Cluster: "lab", AuthInfo: "admin"}},
		CurrentContext: "lab",
	}
	if err := clientcmd.WriteToFile(config, server.kubeconfig); err != nil {
		return err
	}
	return server.connect()
}

func (server *server) connect() error {
	config, err := clientcmd.BuildConfigFromFlags("", server.kubeconfig)
	if err != nil {
		return err
	}
	// The default of 5 requests a second would take longer than everything else here.
	config.QPS, config.Burst = 500, 500
	config.WarningHandler = rest.NoWarnings{}
	if server.clientset, err = kubernetes.NewForConfig(config); err != nil {
		return err
	}
	if server.dynamic, err = dynamic.NewForConfig(config); err != nil {
		return err
	}
	server.mapper = restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(server.clientset.Discovery()))
	return nil
}

func (server *server) startEtcd(client, peer int) error {
	url := func(port int) string { return fmt.Sprintf("http://127.0.0.1:%d", port) }
	return server.start("etcd", nil, []string{
		"--name=lab", "--data-dir=" + filepath.Join(server.logs, "etcd"),
		// Nothing here has to survive a power cut.
		"--unsafe-no-fsync",
		"--listen-client-urls=" + url(client), "--advertise-client-urls=" + url(client),
		"--listen-peer-urls=" + url(peer), "--initial-advertise-peer-urls=" + url(peer), "--initial-cluster=lab=" + url(peer),
	})
}

func (server *server) startAPIServer(etcd, port int) error {
	file := server.authority.file
	return server.start("kube-apiserver", nil, []string{
		fmt.Sprintf("--etcd-servers=http://127.0.0.1:%d", etcd),
		"--bind-address=127.0.0.1", fmt.Sprintf("--secure-port=%d", port),
		"--advertise-address=127.0.0.1", "--endpoint-reconciler-type=none",
		"--tls-cert-file=" + file("apiserver.crt"), "--tls-private-key-file=" + file("apiserver.key"),
		"--client-ca-file=" + file("ca.crt"), "--anonymous-auth=false", "--authorization-mode=RBAC",
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + file("service.key"), "--service-account-signing-key-file=" + file("service.key"),
		"--service-cluster-ip-range=10.0.0.0/24",
		// No controller makes the default service account of a namespace here.
		"--disable-admission-plugins=ServiceAccount",
		"--enable-priority-and-fairness=false", "--allow-privileged=true", "--profiling=false",
	})
}
