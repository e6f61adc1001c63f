// Tokens and certificates: read from files at start, at every reload, and by the check, by one function.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "io/http/tokens.hpp"

struct ssl_ctx_st;

namespace surged {

/// Null = plain HTTP.
using TlsContext = std::shared_ptr<ssl_ctx_st>;

struct CredentialFiles {
    std::string tokens;    ///< empty = no tokens: whoever reaches the listener is admin
    std::string tls_cert;  ///< PEM: ours first, then the intermediate ones; with tls_key. Empty = plain HTTP
    std::string tls_key;   ///< PEM without a passphrase
};

struct HttpCredentials {
    TokenTable tokens = TokenTable::open();
    TlsContext tls;
};

/// When a certificate may be used, seconds since 1970.
struct CertificatePeriod {
    std::int64_t from_s = 0;
    std::int64_t until_s = 0;
};
/// Of every certificate that we answer with, ours first.
std::vector<CertificatePeriod> certificate_periods(const TlsContext& tls);

/// Errors name the file and never its content: not readable, no PEM, a key that is not the certificate's, a key that needs a
/// passphrase, a token file that others may read.
Result<HttpCredentials> load_credentials(const CredentialFiles& files);

}  // namespace surged
