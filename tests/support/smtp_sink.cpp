#include "support/smtp_sink.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <stdexcept>

namespace surged::test {
namespace {

bool send_all(int fd, const std::string& bytes) {
    std::size_t at = 0;
    while (at < bytes.size()) {
        const auto put = ::send(fd, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
        if (put <= 0) {
            return false;
        }
        at += static_cast<std::size_t>(put);
    }
    return true;
}

void wait_for_end(int fd) {
    std::array<char, 256> ignored{};
    while (::recv(fd, ignored.data(), ignored.size(), 0) > 0) {
    }
}

/// One line without its CRLF; false when the peer is gone.
bool read_line(int fd, std::string& buffer, std::string& line) {
    std::array<char, 4096> piece{};
    for (auto end = buffer.find("\r\n"); end == std::string::npos; end = buffer.find("\r\n")) {
        const auto got = ::recv(fd, piece.data(), piece.size(), 0);
        if (got <= 0) {
            return false;
        }
        buffer.append(piece.data(), static_cast<std::size_t>(got));
    }
    const auto end = buffer.find("\r\n");
    line = buffer.substr(0, end);
    buffer.erase(0, end + 2);
    return true;
}

bool read_data(int fd, std::string& buffer, std::string& data) {
    std::string line;
    while (read_line(fd, buffer, line)) {
        if (line == ".") {
            return true;
        }
        data += (line.starts_with(".") ? line.substr(1) : line) + "\r\n";
    }
    return false;
}

}  // namespace

SmtpSink::SmtpSink() {
    listen_fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    if (listen_fd_ < 0 || ::bind(listen_fd_, raw, size) != 0 || ::listen(listen_fd_, 128) != 0 ||
        ::getsockname(listen_fd_, raw, &size) != 0) {
        throw std::runtime_error("smtp sink: cannot listen");
    }
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_loop(); });
}

SmtpSink::~SmtpSink() {
    {
        const std::lock_guard hold(lock_);
        stopping_ = true;
        for (auto& connection : connections_) {
            if (connection.fd >= 0) {
                ::shutdown(connection.fd, SHUT_RDWR);
            }
        }
    }
    ::shutdown(listen_fd_, SHUT_RDWR);
    acceptor_.join();
    for (auto& connection : connections_) {
        connection.thread.join();
    }
    ::close(listen_fd_);
}

void SmtpSink::accept_loop() {
    for (;;) {
        const int fd = ::accept4(listen_fd_, nullptr, nullptr, SOCK_CLOEXEC);
        const std::lock_guard hold(lock_);
        if (stopping_) {
            if (fd >= 0) {
                ::close(fd);
            }
            return;
        }
        if (fd >= 0) {
            ++accepted_;
            auto& connection = connections_.emplace_back();
            connection.fd = fd;
            connection.thread = std::thread([this, &connection] { serve(connection); });
        }
    }
}

void SmtpSink::serve(Connection& connection) {
    talk(connection.fd);
    const std::lock_guard hold(lock_);
    ::close(connection.fd);
    connection.fd = -1;
}

/// False when the connection is over.
bool SmtpSink::answer(int fd, const std::string& stage, const std::string& otherwise, int& code) const {
    std::string text;
    {
        const std::lock_guard hold(lock_);
        auto at = script_.find(stage);
        at = at == script_.end() ? script_.find(stage.substr(0, stage.find(' '))) : at;
        text = at == script_.end() || at->second.empty() ? otherwise : at->second;
    }
    if (text == "hang") {
        wait_for_end(fd);
        return false;
    }
    if (text == "reset") {
        const linger hard{1, 0};
        ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
        return false;
    }
    code = text == "close" ? 0 : std::atoi(text.substr(text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1).c_str());
    return text != "close" && send_all(fd, text + "\r\n");
}

bool SmtpSink::talk(int fd) {
    int code = 0;
    if (!answer(fd, "greeting", "220 sink.example ESMTP", code)) {
        return false;
    }
    SmtpMail mail;
    std::string buffer;
    std::string line;
    while (read_line(fd, buffer, line)) {
        const auto is = [&](const char* verb) { return line.starts_with(verb); };
        bool open = true;
        if (is("EHLO")) {
            mail.hello = line.substr(5);
            open = answer(fd, "EHLO", "250-sink.example\r\n250-AUTH PLAIN\r\n250 8BITMIME", code);
        } else if (is("HELO")) {
            open = answer(fd, "HELO", "250 sink.example", code);
        } else if (is("AUTH PLAIN")) {
            if (line.size() <= 11) {
                open = send_all(fd, "334 \r\n") && read_line(fd, buffer, line);
                mail.login = line;
            } else {
                mail.login = line.substr(11);
            }
            open = open && answer(fd, "AUTH", "235 2.7.0 welcome", code);
        } else if (is("MAIL FROM:")) {
            mail.from = line.substr(10, line.find(' ', 10) - 10);
            open = answer(fd, "MAIL", "250 2.1.0 ok", code);
        } else if (is("RCPT TO:")) {
            const auto to = line.substr(8);
            open = answer(fd, "RCPT " + to, "250 2.1.5 ok", code);
            if (code == 250) {
                mail.to.push_back(to);
            }
        } else if (is("DATA")) {
            open = answer(fd, "DATA", "354 go on", code);
            if (open && code == 354) {
                open = read_data(fd, buffer, mail.data) && answer(fd, "body", "250 2.0.0 taken over", code);
                if (open && code == 250) {
                    const std::lock_guard hold(lock_);
                    mails_.push_back(mail);
                }
            }
        } else if (is("QUIT")) {
            send_all(fd, "221 bye\r\n");
            return true;
        } else {
            open = send_all(fd, "502 5.5.2 unknown\r\n");
        }
        if (!open) {
            return false;
        }
    }
    return false;
}

void SmtpSink::says(const std::string& stage, const std::string& answer) {
    const std::lock_guard hold(lock_);
    script_[stage] = answer;
}

std::vector<SmtpMail> SmtpSink::mails() const {
    const std::lock_guard hold(lock_);
    return mails_;
}

int SmtpSink::connections() const {
    const std::lock_guard hold(lock_);
    return accepted_;
}

}  // namespace surged::test
