#include "support/http_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace surged::test {

namespace {
sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}
const sockaddr* plain(const sockaddr_in& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

std::string lower(std::string text) {
    for (char& c : text) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return text;
}

bool has(const HttpHeaders& headers, const std::string& name) {
    for (const auto& header : headers) {
        if (lower(header.first) == name) {
            return true;
        }
    }
    return false;
}
/// The pieces of a chunked body (RFC 9112 7.1) in one.
std::string unchunked(const std::string& text) {
    std::string body;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t size = std::strtoul(text.c_str() + at, nullptr, 16);
        at = text.find("\r\n", at);
        if (size == 0 || at == std::string::npos) {
            break;
        }
        body += text.substr(at + 2, size);
        at += 2 + size + 2;
    }
    return body;
}
}  // namespace

HttpConnection::HttpConnection(int port, std::chrono::milliseconds patience) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    timeval limit{};
    limit.tv_sec = patience.count() / 1000;
    limit.tv_usec = (patience.count() % 1000) * 1000;
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    const sockaddr_in address = loopback(port);
    if (::connect(fd_, plain(address), sizeof address) != 0) {
        ::close(fd_);
        fd_ = -1;
    }
}

HttpConnection::~HttpConnection() {
    if (fd_ >= 0) {
        ::close(fd_);
    }
}

void HttpConnection::shrink_receive_buffer(int bytes) {
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

bool HttpConnection::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n <= 0) {
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

std::string HttpConnection::receive() {
    std::array<char, 65536> chunk{};
    const ssize_t n = ::recv(fd_, chunk.data(), chunk.size(), 0);
    if (n <= 0) {
        return {};
    }
    std::string piece(chunk.data(), static_cast<std::size_t>(n));
    received_ += piece;
    return piece;
}

bool HttpConnection::receive_until(std::string_view text) {
    while (received_.find(text) == std::string::npos) {
        if (receive().empty()) {
            return false;
        }
    }
    return true;
}

HttpReply HttpConnection::reply() {
    while (!receive().empty()) {
    }
    return parse_reply(received_);
}

HttpReply parse_reply(const std::string& text) {
    HttpReply reply;
    const std::size_t end = text.find("\r\n\r\n");
    if (end == std::string::npos || text.rfind("HTTP/1.", 0) != 0 || text.size() < 12) {
        return reply;
    }
    reply.status = std::atoi(text.c_str() + 9);
    std::size_t at = text.find("\r\n") + 2;
    while (at < end) {
        const std::size_t stop = text.find("\r\n", at);
        const std::string line = text.substr(at, stop - at);
        const std::size_t colon = line.find(':');
        if (colon != std::string::npos) {
            const std::size_t value = line.find_first_not_of(' ', colon + 1);
            reply.headers[lower(line.substr(0, colon))] = value == std::string::npos ? "" : line.substr(value);
        }
        at = stop + 2;
    }
    reply.body = text.substr(end + 4);
    if (reply.headers["transfer-encoding"] == "chunked") {
        reply.body = unchunked(reply.body);
    }
    return reply;
}

HttpReply http(int port, const std::string& method, const std::string& path, const HttpHeaders& headers,
               const std::string& body) {
    HttpConnection connection(port);
    std::string request = method + " " + path + " HTTP/1.1\r\n";
    if (!has(headers, "host")) {
        request += "Host: 127.0.0.1:" + std::to_string(port) + "\r\n";
    }
    if (!has(headers, "content-length") && !has(headers, "transfer-encoding") && (!body.empty() || method == "POST")) {
        request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    }
    for (const auto& header : headers) {
        request += header.first + ": " + header.second + "\r\n";
    }
    connection.send(request + "Connection: close\r\n\r\n" + body);
    return connection.reply();
}

HttpReply post_json(int port, const std::string& path, const std::string& json, HttpHeaders headers) {
    headers.emplace_back("Content-Type", "application/json");
    return http(port, "POST", path, headers, json);
}

BusyPort::BusyPort() {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    ::bind(fd_, plain(address), sizeof address);
    ::listen(fd_, 1);
    socklen_t size = sizeof address;
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
}

BusyPort::~BusyPort() {
    ::close(fd_);
}

}  // namespace surged::test
