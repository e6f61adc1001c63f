#include "io/courier/curl_transport.hpp"

#include <cerrno>

namespace surged {

Transport transport_of(CURLcode code, CURL* easy, bool body_sent) {
    switch (code) {
        case CURLE_COULDNT_RESOLVE_PROXY:
        case CURLE_COULDNT_RESOLVE_HOST:
        case CURLE_COULDNT_CONNECT: return Transport::unreachable;
        case CURLE_OPERATION_TIMEDOUT: {
            curl_off_t connected = 0;
            curl_easy_getinfo(easy, CURLINFO_CONNECT_TIME_T, &connected);
            return body_sent ? Transport::timeout_sent : connected == 0 ? Transport::unreachable : Transport::timeout_unsent;
        }
        case CURLE_SSL_CONNECT_ERROR: {
            // A peer that drops the connection in mid-handshake is down; one that answers and cannot agree is set up wrongly.
            long error = 0;
            curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &error);
            return error == ECONNRESET || error == EPIPE ? Transport::unreachable : Transport::tls;
        }
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CERTPROBLEM:
        case CURLE_SSL_CIPHER:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_CRL_BADFILE:
        case CURLE_SSL_ISSUER_ERROR:
        case CURLE_SSL_ENGINE_NOTFOUND:
        case CURLE_SSL_ENGINE_SETFAILED:
        case CURLE_SSL_ENGINE_INITFAILED:
        case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
        case CURLE_SSL_INVALIDCERTSTATUS:
        case CURLE_USE_SSL_FAILED: return Transport::tls;
        case CURLE_URL_MALFORMAT:
        case CURLE_UNSUPPORTED_PROTOCOL:
        case CURLE_NOT_BUILT_IN:
        case CURLE_BAD_FUNCTION_ARGUMENT:
        case CURLE_UNKNOWN_OPTION: return Transport::bad_request;
        default: return body_sent ? Transport::broken_sent : Transport::broken_unsent;
    }
}

}  // namespace surged
