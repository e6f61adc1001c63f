// Requests to foreign services over HTTP for programs that read from them. Blocking, over kept connections.
//
// Knows requests and answers; refuses to know what is asked. Hardest rule: what is secret goes to the host that it is for:
// redirects are not followed, and no error shows a header or a body.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace surged {

struct FetchRequest {
    std::string url;
    std::string method = "GET";
    std::vector<std::string> headers;  ///< "Name: value", without line breaks
    std::string body;
    std::string user;  ///< HTTP Basic; empty = none
    std::string password;
    std::string
        aws_sign;  ///< AWS Signature 4 "aws:amz:REGION:SERVICE", with user and password as key id and secret key; empty = none
    std::string ca_file;                      ///< PEM; empty = the system's
    Span timeout = std::chrono::seconds{10};  ///< of the whole request
    std::size_t bytes_max = std::size_t{8} << 20U;
};

struct FetchReply {
    int status = 0;
    std::string body;
    Span retry_after{0};  ///< 0 = the answer says nothing of it; at most a day
};

class HttpFetch {
public:
    /// Borrows `stop`: true ends a request under way within a second.
    explicit HttpFetch(const std::atomic<bool>& stop);
    ~HttpFetch();
    HttpFetch(const HttpFetch&) = delete;
    HttpFetch& operator=(const HttpFetch&) = delete;

    /// Errors: no answer, an answer that breaks off or is longer than bytes_max, stopped. Every status is an answer.
    Result<FetchReply> fetch(const FetchRequest& request);
    /// The two URLs have one scheme, host and port.
    static bool same_host(const std::string& a, const std::string& b);

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace surged
