// A service behind Gatehouse in Go: the standard library and golang-jwt.
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log"
	"math/big"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const name = "harbour"

var (
	trustDomain = env("GATEHOUSE_TRUST_DOMAIN", "gatehouse.local")
	issuer      = "urn:gatehouse:" + trustDomain + ":internal"
	gateway     = "spiffe://" + trustDomain + "/gateway"
	certs       = env("GATEHOUSE_CERTS", "certs")
	door        = env("GATEHOUSE_DOOR", "https://localhost:3443")
	listen      = env("GATEHOUSE_LISTEN", "127.0.0.1:4012")
	refused     = errors.New("refused")
)

func env(key, fallback string) string {
	if value := os.Getenv(key); value != "" {
		return value
	}
	return fallback
}

// The one URI of a certificate; empty when there are more, or none.
func spiffeID(certificate *x509.Certificate) string {
	if len(certificate.URIs) != 1 {
		return ""
	}
	return certificate.URIs[0].String()
}

// The internal JWKS: fetched from the gateway and nobody else, again each minute, and for a new kid every 10 s.
type keys struct {
	sync.Mutex
	client  *http.Client
	known   map[string]*ecdsa.PublicKey
	fetched time.Time
}

func newKeys(roots *x509.CertPool) *keys {
	config := &tls.Config{MinVersion: tls.VersionTLS13, InsecureSkipVerify: true}
	// The SPIFFE ID is the identity, not the name: the chain is verified here, against our CA alone.
	config.VerifyConnection = func(state tls.ConnectionState) error {
		chain := x509.NewCertPool()
		for _, certificate := range state.PeerCertificates[1:] {
			chain.AddCert(certificate)
		}
		leaf := state.PeerCertificates[0]
		if _, err := leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: chain}); err != nil {
			return err
		}
		if spiffeID(leaf) != gateway {
			return errors.New("that is not the gateway")
		}
		return nil
	}
	transport := &http.Transport{TLSClientConfig: config}
	return &keys{client: &http.Client{Transport: transport, Timeout: 2 * time.Second}, known: map[string]*ecdsa.PublicKey{}}
}

func (k *keys) get(token *jwt.Token) (any, error) {
	kid, _ := token.Header["kid"].(string)
	if _, critical := token.Header["crit"]; critical || token.Header["typ"] != "internal+jwt" {
		return nil, refused
	}
	k.Lock()
	defer k.Unlock()
	age := time.Since(k.fetched)
	if age > time.Minute || (k.known[kid] == nil && age > 10*time.Second) {
		k.fetched = time.Now()
		if err := k.fetch(); err != nil && k.known[kid] == nil {
			return nil, err
		}
	}
	if key := k.known[kid]; key != nil {
		return key, nil
	}
	return nil, refused
}

func (k *keys) fetch() error {
	answer, err := k.client.Get(door + "/.well-known/jwks.json")
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	var document struct {
		Keys []struct{ Kty, Crv, Kid, X, Y string }
	}
	if err := json.NewDecoder(io.LimitReader(answer.Body, 65536)).Decode(&document); err != nil {
		return err
	}
	// All of them anew: a key that was taken out is not to be trusted any more.
	known := map[string]*ecdsa.PublicKey{}
	for _, key := range document.Keys {
		x, errX := base64.RawURLEncoding.DecodeString(key.X)
		y, errY := base64.RawURLEncoding.DecodeString(key.Y)
		if key.Kty == "EC" && key.Crv == "P-256" && errX == nil && errY == nil {
			known[key.Kid] = &ecdsa.PublicKey{Curve: elliptic.P256(), X: new(big.Int).SetBytes(x), Y: new(big.Int).SetBytes(y)}
		}
	}
	k.known = known
	return nil
}

type claims struct {
	jwt.RegisteredClaims
	ClientID string `json:"client_id"`
	Scope    string `json:"scope"`
	Txn      string `json:"txn"`
	ReqWl    string `json:"req_wl"`
}

// What a service must check of an internal token.
func caller(k *keys, request *http.Request) (*claims, error) {
	token, isBearer := strings.CutPrefix(request.Header.Get("Authorization"), "Bearer ")
	if !isBearer || len(token) > 16384 || len(request.Header.Values("Authorization")) != 1 {
		return nil, refused
	}
	var found claims
	_, err := jwt.ParseWithClaims(token, &found, k.get, jwt.WithValidMethods([]string{"ES256"}), jwt.WithIssuer(issuer),
		jwt.WithAudience(name), jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(2*time.Second))
	if err != nil {
		return nil, err
	}
	if len(found.Audience) != 1 || found.Subject == "" || found.Txn == "" || found.ID == "" || found.IssuedAt == nil ||
		found.ExpiresAt.Sub(found.IssuedAt.Time) > time.Minute {
		return nil, refused
	}
	if found.ReqWl != spiffeID(request.TLS.PeerCertificates[0]) {
		return nil, refused
	}
	return &found, nil
}

func main() {
	bundle, err := os.ReadFile(certs + "/ca.pem")
	roots := x509.NewCertPool()
	if err != nil || !roots.AppendCertsFromPEM(bundle) {
		log.Fatal("no CA in ", certs)
	}
	internal := newKeys(roots)
	http.HandleFunc("GET /api/harbour", func(response http.ResponseWriter, request *http.Request) {
		who, err := caller(internal, request)
		if err != nil {
			response.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
			answer(response, http.StatusUnauthorized, map[string]string{"code": "invalid_token"})
			return
		}
		if !slices.Contains(strings.Split(who.Scope, " "), "harbour:read") {
			answer(response, http.StatusForbidden, map[string]string{"code": "insufficient_scope"})
			return
		}
		answer(response, http.StatusOK, map[string]string{"for": who.Subject, "tide": "high"})
	})
	server := &http.Server{
		Addr:              listen,
		ReadHeaderTimeout: 10 * time.Second,
		TLSConfig:         &tls.Config{MinVersion: tls.VersionTLS13, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: roots},
	}
	log.Fatal(server.ListenAndServeTLS(certs+"/"+name+".pem", certs+"/"+name+".key"))
}

func answer(response http.ResponseWriter, status int, body any) {
	kind := "application/json"
	if status >= 400 {
		kind = "application/problem+json"
	}
	response.Header().Set("Content-Type", kind)
	response.WriteHeader(status)
	_ = json.NewEncoder(response).Encode(body)
}
