#include "io/http/credentials.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <ctime>

namespace surged {

namespace {

std::string openssl_reason() {
    std::array<char, 256> text{};
    ERR_error_string_n(ERR_get_error(), text.data(), text.size());
    ERR_clear_error();
    return text.data();
}

/// A key with a passphrase must not make the daemon ask on a terminal.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*unused*/) {
    return 0;
}

Result<TlsContext> load_tls(const std::string& certificate, const std::string& key) {
    const TlsContext context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
    if (!context) {
        return fail("tls: " + openssl_reason());
    }
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    // TLS 1.2 without CBC (LUCKY13); 1.3 has nothing else.
    SSL_CTX_set_cipher_list(context.get(), "ECDHE+AESGCM:ECDHE+CHACHA20");
    SSL_CTX_set_mode(context.get(),
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    SSL_CTX_set_default_passwd_cb(context.get(), &no_passphrase);
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(context.get(), certificate.c_str()) != 1) {
        return fail("tls_cert " + certificate + ": " + openssl_reason());
    }
    const bool taken = SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) == 1;
    const int why = taken ? 0 : ERR_GET_REASON(ERR_peek_last_error());
    if (!taken && why != X509_R_KEY_VALUES_MISMATCH && why != X509_R_KEY_TYPE_MISMATCH) {
        return fail("tls_key " + key + ": " + openssl_reason());
    }
    if (!taken || SSL_CTX_check_private_key(context.get()) != 1) {
        return fail("tls_key " + key + " is not the key of tls_cert " + certificate);
    }
    return context;
}

}  // namespace

namespace {
std::int64_t seconds_of(const ASN1_TIME* time) {
    std::tm civil{};
    return ASN1_TIME_to_tm(time, &civil) == 1 ? ::timegm(&civil) : 0;
}
}  // namespace

std::vector<CertificatePeriod> certificate_periods(const TlsContext& tls) {
    std::vector<CertificatePeriod> out;
    const auto add = [&](const X509* certificate) {
        if (certificate != nullptr) {
            out.push_back({seconds_of(X509_get0_notBefore(certificate)), seconds_of(X509_get0_notAfter(certificate))});
        }
    };
    add(SSL_CTX_get0_certificate(tls.get()));
    STACK_OF(X509)* chain = nullptr;
    if (SSL_CTX_get0_chain_certs(tls.get(), &chain) == 1 && chain != nullptr) {
        for (int i = 0; i < sk_X509_num(chain); ++i) {
            add(sk_X509_value(chain, i));
        }
    }
    return out;
}

Result<HttpCredentials> load_credentials(const CredentialFiles& files) {
    HttpCredentials out;
    if (!files.tokens.empty()) {
        Result<TokenTable> tokens = TokenTable::load(files.tokens);
        if (!tokens) {
            return tl::unexpected<Error>(tokens.error());
        }
        out.tokens = *std::move(tokens);
    }
    if (!files.tls_cert.empty() || !files.tls_key.empty()) {
        Result<TlsContext> tls = load_tls(files.tls_cert, files.tls_key);
        if (!tls) {
            return tl::unexpected<Error>(tls.error());
        }
        out.tls = *std::move(tls);
    }
    return out;
}

}  // namespace surged
