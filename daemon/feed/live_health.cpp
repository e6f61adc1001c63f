#include "feed/live_health.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "core/base/text.hpp"
#include "io/zmq/endpoint.hpp"

namespace surged {

namespace {
using HealthClock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds reader_max{1000};

std::string escaped_label(std::string_view value) {
    std::string out;
    for (const char c : shown_safely(value)) {
        out += c == '\\' ? "\\\\" : c == '"' ? "\\\"" : c == '\n' ? "\\n" : std::string(1, c);
    }
    return out;
}

bool wait_for(int fd, short what, HealthClock::time_point end) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - HealthClock::now()).count();
    pollfd one{fd, what, 0};
    return left > 0 && ::poll(&one, 1, static_cast<int>(left)) > 0;
}

std::string response(std::string_view status, std::string_view type, const std::string& body, bool head_only) {
    return "HTTP/1.1 " + std::string(status) + "\r\nContent-Type: " + std::string(type) +
           "\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n" + (head_only ? std::string() : body);
}

/// The request's head; empty: it did not come whole, in time and within 4 KiB.
std::string read_head(int fd, HealthClock::time_point end) {
    std::string head;
    std::array<char, 1024> block{};
    while (head.find("\r\n\r\n") == std::string::npos) {
        if (head.size() > 4096 || !wait_for(fd, POLLIN, end)) {
            return {};
        }
        const auto got = ::recv(fd, block.data(), block.size(), MSG_DONTWAIT);
        if (got <= 0) {
            return {};
        }
        head.append(block.data(), static_cast<std::size_t>(got));
    }
    return head;
}
}  // namespace

double* FeedHealth::cell(std::string_view name, bool counter, Label label) {
    auto at = families_.find(name);
    if (at == families_.end()) {
        at = families_.emplace(std::string(name), Family{counter, {}}).first;
    }
    const auto key = label.name.empty() ? std::string() : std::string(label.name) + "=\"" + escaped_label(label.value) + "\"";
    auto& cells = at->second.cells;
    const auto found = cells.find(key);
    if (found != cells.end()) {
        return &found->second;
    }
    return cells.size() >= cells_max ? nullptr : &cells[key];
}

void FeedHealth::set(std::string_view name, double value, Label label) {
    const std::lock_guard lock(mutex_);
    if (auto* at = cell(name, false, label)) {
        *at = value;
    }
}

void FeedHealth::add(std::string_view name, std::uint64_t n, Label label) {
    const std::lock_guard lock(mutex_);
    if (auto* at = cell(name, true, label)) {
        *at += static_cast<double>(n);
    }
}

void FeedHealth::total(std::string_view name, std::uint64_t value, Label label) {
    const std::lock_guard lock(mutex_);
    if (auto* at = cell(name, true, label)) {
        *at = std::max(*at, static_cast<double>(value));
    }
}

double FeedHealth::value(std::string_view name, std::string_view label_value) const {
    const std::lock_guard lock(mutex_);
    const auto at = families_.find(name);
    if (at == families_.end()) {
        return 0;
    }
    for (const auto& [key, value] : at->second.cells) {
        const auto open = key.find('"');
        const auto of = open == std::string::npos ? std::string() : key.substr(open + 1, key.size() - open - 2);
        if (of == label_value) {
            return value;
        }
    }
    return 0;
}

void FeedHealth::healthy(bool well, std::string_view why) {
    const std::lock_guard lock(mutex_);
    well_ = well;
    why_ = why;
}

bool FeedHealth::is_healthy(std::string& why) const {
    const std::lock_guard lock(mutex_);
    why = why_;
    return well_;
}

std::string FeedHealth::page() const {
    const std::lock_guard lock(mutex_);
    const std::string source = "source=\"" + escaped_label(source_) + "\"";
    std::string out = "# TYPE surged_feed_info gauge\nsurged_feed_info{" + source + ",kind=\"" + kind_ + "\"} 1\n";
    for (const auto& [name, family] : families_) {
        const std::string full = "surged_feed_" + name;
        out += "# TYPE " + full + (family.counter ? " counter\n" : " gauge\n");
        for (const auto& [label, value] : family.cells) {
            out += full + "{" + source + (label.empty() ? "" : "," + label) + "} " + format_number(value) + "\n";
        }
    }
    return out;
}

Result<std::unique_ptr<HealthPage>> HealthPage::open(const std::string& listen, const FeedHealth& health) {
    const std::string endpoint = "tcp://" + listen;
    if (!is_local(endpoint)) {
        return fail("--metrics " + listen + ": only on loopback (127.0.0.1:PORT), for it asks nobody who they are");
    }
    auto listening = listen_guarded(endpoint, false);
    if (!listening) {
        return fail("--metrics " + listen + ": " + listening.error().message);
    }
    std::unique_ptr<HealthPage> page(new HealthPage(std::move(listening->socket), listening->endpoint.substr(6), health));
    page->thread_ = std::thread([raw = page.get()] { raw->run(); });
    return page;
}

HealthPage::~HealthPage() {
    stop_ = true;
    if (thread_.joinable()) {
        thread_.join();
    }
}

void HealthPage::run() {
    while (!stop_) {
        if (wait_for(socket_.get(), POLLIN, HealthClock::now() + std::chrono::milliseconds{200})) {
            const Fd peer(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
            if (peer) {
                serve(peer);
            } else {
                std::this_thread::sleep_for(std::chrono::milliseconds{50});  // no descriptor left: not a reason to spin
            }
        }
    }
}

void HealthPage::serve(const Fd& peer) const {
    const auto end = HealthClock::now() + reader_max;
    const auto head = read_head(peer.get(), end);
    if (head.empty()) {
        return;
    }
    const bool head_only = head.starts_with("HEAD ");
    const auto path_at = head.find(' ') + 1;
    const auto path = head.substr(path_at, head.find_first_of(" ?\r", path_at) - path_at);
    std::string why;
    std::string answer;
    if (!head_only && !head.starts_with("GET ")) {
        answer = response("405 Method Not Allowed", "text/plain", "GET only\n", false);
    } else if (path == "/metrics") {
        answer = response("200 OK", "text/plain; version=0.0.4; charset=utf-8", health_.page(), head_only);
    } else if (path == "/healthz") {
        const bool well = health_.is_healthy(why);
        answer = response(well ? "200 OK" : "503 Service Unavailable", "text/plain; charset=utf-8", why + "\n", head_only);
    } else {
        answer = response("404 Not Found", "text/plain", "/metrics or /healthz\n", head_only);
    }
    std::string_view left = answer;
    while (!left.empty() && wait_for(peer.get(), POLLOUT, end)) {
        const auto sent = ::send(peer.get(), left.data(), left.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent <= 0) {
            return;
        }
        left.remove_prefix(static_cast<std::size_t>(sent));
    }
    ::shutdown(peer.get(), SHUT_WR);
}

}  // namespace surged
