// A real etcd of one member on free ports of 127.0.0.1, and ways to post to it: straight, or over a line that loses questions and
// answers and repeats them later.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "io/etcd/txn.hpp"
#include "support/free_port.hpp"
#include "support/http_client.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace surged::test {

inline std::string etcd_program() {
    for (const char* path : {"/usr/bin/etcd", "/usr/local/bin/etcd"}) {
        if (std::filesystem::exists(path)) {
            return path;
        }
    }
    return {};
}

class EtcdPeer {
public:
    /// With a certificate it speaks TLS, and asks everybody for one that this one has signed.
    explicit EtcdPeer(const std::string& certificate = {}, const std::string& key = {}) : port_(free_port()), peer_port_(free_port()) {
        const bool tls = !certificate.empty();
        const auto url = (tls ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port_);
        const auto peer = "http://127.0.0.1:" + std::to_string(peer_port_);
        std::vector<std::string> arguments{"--name", "one", "--data-dir", dir_.file("data"), "--listen-client-urls", url,
                                           "--advertise-client-urls", url, "--listen-peer-urls", peer,
                                           "--initial-advertise-peer-urls", peer, "--initial-cluster", "one=" + peer,
                                           "--heartbeat-interval", "50", "--election-timeout", "500"};
        if (tls) {
            const auto health = "http://127.0.0.1:" + std::to_string(metrics_port_ = free_port());
            arguments.insert(arguments.end(), {"--cert-file", certificate, "--key-file", key, "--client-cert-auth", "--trusted-ca-file",
                                               certificate, "--listen-metrics-urls", health});
        }
        process_ = std::make_unique<Process>(etcd_program(), std::move(arguments), dir_.file("etcd"));
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{30};
        while (http(tls ? metrics_port_ : port_, "GET", "/health").body.find("true") == std::string::npos) {
            if (!process_->running() || std::chrono::steady_clock::now() > until) {
                throw std::runtime_error("etcd does not start: " + process_->err());
            }
            std::this_thread::sleep_for(std::chrono::milliseconds{50});
        }
    }

    int port() const { return port_; }
    const Process& process() const { return *process_; }

    etcd::Post post() const {
        return [port = port_](std::string_view path, const std::string& json) -> Result<std::string> {
            auto reply = post_json(port, std::string(path), json);
            if (reply.status != 200) {
                return fail("etcd answers " + std::to_string(reply.status) + ": " + reply.body);
            }
            return std::move(reply.body);
        };
    }

private:
    TempDir dir_;
    int port_;
    int peer_port_;
    int metrics_port_ = 0;
    std::unique_ptr<Process> process_;  // last: it ends before its folder goes
};

/// A line to etcd of which `chance` of the requests suffer: the question is lost, the answer is lost, or the question comes again
/// later, behind others (the sender has heard nothing of it meanwhile).
class LossyLine {
public:
    LossyLine(etcd::Post line, unsigned seed) : line_(std::move(line)), random_(seed) {}

    etcd::Post post() {
        return [this](std::string_view path, const std::string& json) -> Result<std::string> {
            for (auto& late : late_) {
                if (--late.behind == 0) {
                    (void)line_(late.path, late.json);
                }
            }
            std::erase_if(late_, [](const Late& late) { return late.behind <= 0; });
            if (std::uniform_real_distribution<double>(0, 1)(random_) >= chance) {
                return line_(path, json);
            }
            ++suffered;
            switch (random_() % 3) {
                case 0: break;
                case 1: (void)line_(path, json); break;
                default: late_.push_back({std::string(path), json, 1 + static_cast<int>(random_() % 6)});
            }
            return fail("no answer");
        };
    }

    double chance = 0;
    int suffered = 0;

private:
    struct Late {
        std::string path;
        std::string json;
        int behind = 0;  ///< how many requests more go before it
    };
    etcd::Post line_;
    std::mt19937 random_;
    std::vector<Late> late_;
};

}  // namespace surged::test
