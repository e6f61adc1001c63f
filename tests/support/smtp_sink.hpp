// A real SMTP server that does what a test tells it: any answer at any stage, silence, a closed or reset connection. Raw sockets,
// one thread a connection, on 127.0.0.1 at a port of the system's choice. It speaks no TLS: the real programs do that.
//
// Use: add ../../support/smtp_sink.cpp to the SOURCES of a test and link Threads::Threads.
#pragma once

#include <list>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace surged::test {

struct SmtpMail {
    std::string hello;
    std::string login;  ///< decoded AUTH PLAIN, "\0user\0password"; empty = none
    std::string from;   ///< as said: "<a@b>"
    std::vector<std::string> to;
    std::string data;  ///< without the final dot, dots unstuffed
};

class SmtpSink {
public:
    SmtpSink();
    ~SmtpSink();
    SmtpSink(const SmtpSink&) = delete;
    SmtpSink& operator=(const SmtpSink&) = delete;

    int port() const { return port_; }
    std::string server() const { return "127.0.0.1:" + std::to_string(port_); }
    /// What to say at a stage from now on: "greeting", "EHLO", "HELO", "AUTH", "MAIL", "RCPT" (or "RCPT <a@b>" for one), "DATA",
    /// "body". An answer without its CRLF; or "hang", "close", "reset". "" = the right one again.
    void says(const std::string& stage, const std::string& answer);
    std::vector<SmtpMail> mails() const;  ///< those taken over
    int connections() const;

private:
    struct Connection {
        int fd = -1;
        std::thread thread;
    };
    void accept_loop();
    void serve(Connection& connection);
    bool answer(int fd, const std::string& stage, const std::string& otherwise, int& code) const;
    bool talk(int fd);

    int listen_fd_ = -1;
    int port_ = 0;
    mutable std::mutex lock_;
    std::map<std::string, std::string> script_;
    std::vector<SmtpMail> mails_;
    std::list<Connection> connections_;
    int accepted_ = 0;
    bool stopping_ = false;
    std::thread acceptor_;
};

}  // namespace surged::test
