package com.example.ledger;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import jakarta.servlet.http.HttpServletRequest;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.web.client.RestTemplateBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.OAuth2TokenValidatorResult;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
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
      RestTemplateBuilder rest,
      @Value("${gatehouse.trust-domain}") String trustDomain,
      @Value("${gatehouse.door}") String door) {
    // Trusts our CA alone, and the door's host name. Give that name to the gateway's certificate only: on one machine,
    // where every workload has localhost, this tells a workload from a stranger, but not the gateway from a workload.
    var client = rest.setSslBundle(bundles.getBundle("house")).setReadTimeout(Duration.ofSeconds(2)).build();
    var decoder =
        NimbusJwtDecoder.withJwkSetUri(door + "/.well-known/jwks.json")
            .restOperations(client)
            .jwsAlgorithm(SignatureAlgorithm.ES256)
            .jwtProcessorCustomizer(
                processor ->
                    processor.setJWSTypeVerifier(
                        new DefaultJOSEObjectTypeVerifier<>(new JOSEObjectType("internal+jwt"))))
            .build();
    decoder.setJwtValidator(
        new DelegatingOAuth2TokenValidator<>(
            new JwtTimestampValidator(Duration.ofSeconds(2)),
            new JwtIssuerValidator("urn:gatehouse:" + trustDomain + ":internal"),
            LedgerApplication::isForUsNow));
    return decoder;
  }

  private static OAuth2TokenValidatorResult isForUsNow(Jwt token) {
    boolean good =
        List.of(NAME).equals(token.getAudience())
            && token.getIssuedAt() != null
            && token.getExpiresAt() != null
            && Duration.between(token.getIssuedAt(), token.getExpiresAt()).toSeconds() <= 60
            && token.getSubject() != null
            && token.hasClaim("txn")
            && presenter().equals(token.getClaimAsString("req_wl"));
    return good
        ? OAuth2TokenValidatorResult.success()
        : OAuth2TokenValidatorResult.failure(new OAuth2Error("invalid_token"));
  }

  /** SPIFFE ID of the TLS peer: the one URI (type 6) of its verified certificate. */
  private static String presenter() {
    if (!(RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes current)) return "";
    HttpServletRequest request = current.getRequest();
    if (!(request.getAttribute("jakarta.servlet.request.X509Certificate") instanceof X509Certificate[] chain)) return "";
    try {
      var names = chain[0].getSubjectAlternativeNames();
      if (names == null) return "";
      var uris = names.stream().filter(name -> Integer.valueOf(6).equals(name.get(0))).toList();
      return uris.size() == 1 ? String.valueOf(uris.get(0).get(1)) : "";
    } catch (CertificateParsingException unreadable) {
      return "";
    }
  }
}
