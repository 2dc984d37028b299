package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// authority signs the certificates of one lab. They last two days: nothing outlives the run.
type authority struct {
	folder      string
	key         *ecdsa.PrivateKey
	certificate *x509.Certificate
	// pem is what clients and the API server trust.
	pem []byte
}

func newAuthority(folder string) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	made := &authority{folder: folder, key: key}
	template := certificate(pkix.Name{CommonName: "lab"})
	template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign
	made.certificate = template
	if made.pem, err = made.sign(template, key); err != nil {
		return nil, err
	}
	if made.certificate, err = parsePEM(made.pem); err != nil {
		return nil, err
	}
	return made, os.WriteFile(made.file("ca.crt"), made.pem, 0o600)
}

func (authority *authority) file(name string) string { return filepath.Join(authority.folder, name) }

func certificate(subject pkix.Name) *x509.Certificate {
	now := time.Now()
	serial := big.NewInt(now.UnixNano())
	return &x509.Certificate{
		Subject: subject, SerialNumber: serial, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(48 * time.Hour),
	}
}

func (authority *authority) sign(template *x509.Certificate, key *ecdsa.PrivateKey) ([]byte, error) {
	der, err := x509.CreateCertificate(rand.Reader, template, authority.certificate, &key.PublicKey, authority.key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), nil
}

func parsePEM(text []byte) (*x509.Certificate, error) {
	block, _ := pem.Decode(text)
	return x509.ParseCertificate(block.Bytes)
}

// issue writes `name.crt` and `name.key`, good for a server on the loopback interface and for a client.
func (authority *authority) issue(name string, subject pkix.Name) error {
	template := certificate(subject)
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	template.DNSNames = []string{"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"}
	template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv4(10, 0, 0, 1)}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	signed, err := authority.sign(template, key)
	if err != nil {
		return err
	}
	if err := os.WriteFile(authority.file(name+".crt"), signed, 0o600); err != nil {
		return err
	}
	encoded, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	return os.WriteFile(authority.file(name+".key"), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: encoded}), 0o600)
}
