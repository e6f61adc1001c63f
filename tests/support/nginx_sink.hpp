// A real nginx that speaks TLS on 127.0.0.1, as providers have one before their service: it closes connections that are idle, in the way
// servers do (close_notify, then FIN), and writes down which request came over which connection.
//
// Use: add ../../support/nginx_sink.cpp, process.cpp and test_certificate.cpp to the SOURCES of a test and link OpenSSL::Crypto.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "support/process.hpp"
#include "support/temp_dir.hpp"
#include "support/test_certificate.hpp"

namespace surged::test {

/// One request as nginx logged it, when its answer had left.
struct NginxRequest {
    double at_s = 0;      ///< wall clock
    long connection = 0;  ///< requests of one connection share it
    int nth = 0;          ///< 1, 2, ... on its connection
    std::string method;
    std::string target;
    bool resumed = false;  ///< the TLS session of its connection is one that was known before
};

class NginxSink {
public:
    struct Options {
        std::chrono::milliseconds keepalive{75000};  ///< nginx's own default; 0 = each connection is closed behind its answer
        int requests_max = 1000;                     ///< on one connection; then it is closed
        std::string forward{};                       ///< where everything but "/" goes on to (http://host:port); "" = it is answered 200 here
        int port = 0;                                ///< 0 = a free one
    };
    explicit NginxSink(Options options);
    static bool installed();

    std::string url(const std::string& path) const { return "https://127.0.0.1:" + std::to_string(port_) + path; }
    int port() const { return port_; }
    /// Whom to trust.
    const std::string& ca_file() const { return certificate_.certificate(); }
    /// False: it does not listen.
    bool up() const { return process_ != nullptr; }
    std::vector<NginxRequest> requests() const;
    /// The requests, once there are so many of this method, or after `within`.
    std::vector<NginxRequest> wait_for(const std::string& method, std::size_t count, std::chrono::milliseconds within) const;
    void stop() { process_.reset(); }

private:
    TempDir dir_;
    TestCertificate certificate_{-60, 2 * 86400};  ///< longer than an hour of the bench's idleness
    int port_ = 0;
    std::unique_ptr<Process> process_;
};

}  // namespace surged::test
