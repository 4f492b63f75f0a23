package com.example.ledger;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.Resource;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.OAuth2TokenValidatorResult;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtIssuerValidator;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

@SpringBootApplication
@RestController
public class LedgerApplication {
  private static final String NAME = "ledger";

  public static void main(String[] args) {
    SpringApplication.run(LedgerApplication.class, args);
  }

  @GetMapping("/api/ledger")
  Map<String, Object> ledger(@AuthenticationPrincipal Jwt caller) {
    return Map.of("for", caller.getSubject(), "entries", List.of());
  }

  /** Deny by default; the scopes of the token are authorities. */
  @Bean
  SecurityFilterChain security(HttpSecurity http) throws Exception {
    return http.csrf(csrf -> csrf.disable()) // no cookies here
        .authorizeHttpRequests(
            routes -> routes.requestMatchers("/api/ledger").hasAuthority("SCOPE_ledger:read").anyRequest().denyAll())
        .oauth2ResourceServer(server -> server.jwt(jwt -> {}))
        .build();
  }

  @Bean
  JwtDecoder internalTokens(
      SslBundles bundles,
      @Value("${gatehouse.trust-domain}") String trustDomain,
      @Value("${gatehouse.door}") String door)
      throws IOException {
    var keys = internalKeys(bundles, door, "spiffe://" + trustDomain + "/gateway");
    var processor = new DefaultJWTProcessor<SecurityContext>();
    processor.setJWSTypeVerifier(new DefaultJOSEObjectTypeVerifier<>(new JOSEObjectType("internal+jwt")));
    processor.setJWSKeySelector(new JWSVerificationKeySelector<>(JWSAlgorithm.ES256, keys));
    processor.setJWTClaimsSetVerifier((claims, context) -> {}); // the validators below do it
    var decoder = new NimbusJwtDecoder(processor);
    decoder.setJwtValidator(
        new DelegatingOAuth2TokenValidator<>(
            new JwtTimestampValidator(Duration.ofSeconds(2)),
            new JwtIssuerValidator("urn:gatehouse:" + trustDomain + ":internal"),
            LedgerApplication::isForUsNow));
    return decoder;
  }

  /** The internal JWKS: kept for a minute, fetched again for a new kid, and taken from whoever proves to be the gateway alone. */
  private static JWKSource<SecurityContext> internalKeys(SslBundles bundles, String door, String gateway)
      throws IOException {
    URL jwks = URI.create(door + "/.well-known/jwks.json").toURL();
    return JWKSourceBuilder.create(
            jwks,
            url -> {
              // A client for each fetch: the certificates may have been replaced since the last.
              var tls = bundles.getBundle("house").createSslContext();
              var client = HttpClient.newBuilder().sslContext(tls).connectTimeout(Duration.ofSeconds(2)).build();
              var request = HttpRequest.newBuilder(URI.create(url.toString())).timeout(Duration.ofSeconds(2)).build();
              try {
                var answer = client.send(request, BodyHandlers.ofString());
                var session = answer.sslSession().orElseThrow(() -> new IOException("no TLS"));
                if (answer.statusCode() != 200 || !gateway.equals(spiffeId(session.getPeerCertificates())))
                  throw new IOException("that is not the gateway");
                return new Resource(answer.body(), "application/json");
              } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
                throw new IOException(stop);
              }
            })
        .cache(60_000, 15_000)
        .retrying(true)
        .build();
  }

  /** What the standard validators leave open. */
  private static OAuth2TokenValidatorResult isForUsNow(Jwt token) {
    boolean good =
        List.of(NAME).equals(token.getAudience())
            && token.getIssuedAt() != null
            && !token.getIssuedAt().isAfter(Instant.now().plusSeconds(2))
            && token.getExpiresAt() != null
            && Duration.between(token.getIssuedAt(), token.getExpiresAt()).toSeconds() <= 60
            && token.getSubject() != null
            && token.hasClaim("txn")
            && presenter().equals(token.getClaimAsString("req_wl"));
    return good
        ? OAuth2TokenValidatorResult.success()
        : OAuth2TokenValidatorResult.failure(new OAuth2Error("invalid_token"));
  }

  /** SPIFFE ID of who sends the request. */
  private static String presenter() {
    if (!(RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes current)) return "";
    HttpServletRequest request = current.getRequest();
    return request.getAttribute("jakarta.servlet.request.X509Certificate") instanceof X509Certificate[] chain
        ? spiffeId(chain)
        : "";
  }

  /** The one URI (type 6) in a verified certificate's subjectAltName; empty when there are more, or none. */
  private static String spiffeId(Certificate[] chain) {
    try {
      if (chain.length == 0 || !(chain[0] instanceof X509Certificate leaf)) return "";
      var names = leaf.getSubjectAlternativeNames();
      if (names == null) return "";
      var uris = names.stream().filter(name -> Integer.valueOf(6).equals(name.get(0))).toList();
      return uris.size() == 1 ? String.valueOf(uris.get(0).get(1)) : "";
    } catch (CertificateParsingException unreadable) {
      return "";
    }
  }
}
