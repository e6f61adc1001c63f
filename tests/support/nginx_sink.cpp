#include "support/nginx_sink.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <thread>

#include "support/free_port.hpp"

namespace surged::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* program = "/usr/sbin/nginx";

std::string config_text(const TempDir& dir, const TestCertificate& certificate, int port, const NginxSink::Options& options) {
    std::ostringstream out;
    out << "daemon off; master_process off; pid " << dir.file("pid") << "; error_log " << dir.file("error.log")
        << ";\nevents { worker_connections 1024; }\nhttp {\n  log_format lines '$msec $connection $connection_requests $request_method "
           "$request_uri $ssl_session_reused';\n  access_log "
        << dir.file("access.log") << " lines;\n";
    for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
        out << "  " << kind << "_temp_path " << dir.file(kind) << ";\n";
    }
    out << "  keepalive_timeout " << options.keepalive.count() << "ms;\n  keepalive_requests " << options.requests_max
        << ";\n  ssl_session_cache shared:sessions:1m;\n";
    if (!options.forward.empty()) {
        out << "  upstream behind { server " << options.forward.substr(options.forward.find("//") + 2) << "; keepalive 64; }\n";
    }
    out << "  server {\n    listen 127.0.0.1:" << port << " ssl backlog=1024;\n    ssl_certificate " << certificate.certificate()
        << ";\n    ssl_certificate_key " << certificate.key() << ";\n    location = / { return 404; }\n    location / { "
        << (options.forward.empty() ? "return 200 ok;" : "proxy_pass http://behind; proxy_http_version 1.1; proxy_set_header Connection \"\";")
        << " }\n  }\n}\n";
    return out.str();
}

bool listens(int port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool there = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(fd);
    return there;
}

}  // namespace

NginxSink::NginxSink(Options options) : port_(options.port != 0 ? options.port : free_port()) {
    const auto file = dir_.file("nginx.conf");
    std::ofstream(file) << config_text(dir_, certificate_, port_, options);
    process_ = std::make_unique<Process>(
        program, std::vector<std::string>{"-e", dir_.file("error.log"), "-p", dir_.path().string(), "-c", file}, dir_.file("log"));
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (!listens(port_)) {
        if (std::chrono::steady_clock::now() > end || !process_->running()) {
            process_.reset();
            return;
        }
        std::this_thread::sleep_for(10ms);
    }
}

bool NginxSink::installed() {
    return ::access(program, X_OK) == 0;
}

std::vector<NginxRequest> NginxSink::requests() const {
    std::vector<NginxRequest> out;
    std::ifstream log(dir_.file("access.log"));
    for (std::string line; std::getline(log, line);) {
        std::istringstream words(line);
        NginxRequest one;
        std::string reused;
        if (words >> one.at_s >> one.connection >> one.nth >> one.method >> one.target >> reused && one.target.front() == '/') {
            one.resumed = reused == "r";
            out.push_back(std::move(one));
        }
    }
    return out;
}

std::vector<NginxRequest> NginxSink::wait_for(const std::string& method, std::size_t count, std::chrono::milliseconds within) const {
    const auto end = std::chrono::steady_clock::now() + within;
    for (;;) {
        auto all = requests();
        const auto there = std::ranges::count(all, method, &NginxRequest::method);
        if (static_cast<std::size_t>(there) >= count || std::chrono::steady_clock::now() > end) {
            return all;
        }
        std::this_thread::sleep_for(10ms);
    }
}

}  // namespace surged::test
