// A folder that is gone afterwards, a text stream two threads may use, and a daemon's PULL end on a free port.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "feed/sink.hpp"
#include "io/zmq/ingest.hpp"
#include "os/file.hpp"
#include "support/catch.hpp"
#include "wire/decode.hpp"

namespace surged::test {

class TempFolder {
public:
    TempFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "surged_feed_XXXXXX").string();
        REQUIRE(mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~TempFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    std::string file(const std::string& name) const { return (path_ / name).string(); }

private:
    std::filesystem::path path_;
};

inline void append(const std::string& file, const std::string& text) {
    std::ofstream(file, std::ios::binary | std::ios::app) << text;
}

/// True as soon as `holds` does; false after ten seconds.
inline bool eventually(const std::function<bool()>& holds) {
    const auto deadline = steady_now_ms() + 10000;
    while (!holds()) {
        if (steady_now_ms() > deadline) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    return true;
}

/// A stream buffer that several threads may write and read.
class SharedText : public std::streambuf {
public:
    std::string text() const {
        const std::lock_guard lock(mutex_);
        return text_;
    }

protected:
    int overflow(int c) override {
        const std::lock_guard lock(mutex_);
        text_ += static_cast<char>(c);
        return c;
    }
    std::streamsize xsputn(const char* s, std::streamsize n) override {
        const std::lock_guard lock(mutex_);
        text_.append(s, static_cast<std::size_t>(n));
        return n;
    }

private:
    mutable std::mutex mutex_;
    std::string text_;
};

/// The daemon's ingest side: collects the metrics of what decodes.
class Receiver {
public:
    struct Got {
        std::string source, centre, queue;
        std::uint64_t seq = 0;
        std::uint64_t epoch = 0;
        std::int64_t ts_ms = 0;
        std::int64_t arrival_ms = 0;
        std::map<std::string, double> m;
    };
    explicit Receiver(const std::string& bind = "tcp://127.0.0.1:*") {
        IngestSettings settings;
        settings.bind = {bind};
        auto opened = Ingest::open(settings, limits_);
        REQUIRE(opened);
        ingest_ = std::move(*opened);
    }
    std::string endpoint() const { return ingest_->endpoints().at(0); }
    /// Receives until `enough` says so; false after ten seconds.
    bool until(const std::function<bool(const std::vector<Got>&)>& enough) {
        const auto deadline = steady_now_ms() + 10000;
        while (!enough(got)) {
            if (steady_now_ms() > deadline) {
                return false;
            }
            ingest_->wait(Span{20});
            ingest_->receive(1000, [&](std::string_view payload, std::string_view) { take(payload); });
        }
        return true;
    }
    std::vector<Got> got;
    std::uint64_t refused = 0;

private:
    void take(std::string_view payload) {
        RefusalCounts dropped{};
        if (decoder_.decode(payload, message_, dropped)) {
            ++refused;
            return;
        }
        for (const auto& part : message_.parts) {
            Got g{std::string(message_.source),
                  std::string(part.centre),
                  std::string(part.queue),
                  message_.seq,
                  message_.epoch,
                  to_ms(part.ts),
                  wall_now_ms(),
                  {}};
            for (std::uint32_t i = part.first; i < part.first + part.count; ++i) {
                g.m[std::string(message_.values[i].name)] = message_.values[i].value;
            }
            got.push_back(std::move(g));
        }
    }
    IngestLimits limits_;
    std::unique_ptr<Ingest> ingest_;
    Decoder decoder_{limits_};
    Message message_;
};

/// GET of a health page on loopback: the whole answer.
inline std::string health_page(std::uint16_t port, const std::string& path) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
    const std::string request = "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n";
    REQUIRE(::send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size()));
    std::string out;
    char block[4096];
    for (ssize_t n = 0; (n = ::recv(fd.get(), block, sizeof block, 0)) > 0;) {
        out.append(block, static_cast<std::size_t>(n));
    }
    return out;
}

/// Runs a feeder on its own thread and stops it at the end.
class Background {
public:
    explicit Background(std::function<int(std::ostream&, std::ostream&, const std::atomic<bool>&)> run)
        : thread_([this, run = std::move(run)] {
              std::ostream out(&out_);
              std::ostream err(&err_);
              code_ = run(out, err, stop_);
              done_ = true;
          }) {}
    ~Background() { finish(); }
    int finish() {
        stop_ = true;
        return wait();
    }
    int wait() {
        if (thread_.joinable()) {
            thread_.join();
        }
        return code_;
    }
    bool done() const { return done_; }
    std::string out() const { return out_.text(); }
    std::string err() const { return err_.text(); }

private:
    SharedText out_;
    SharedText err_;
    std::atomic<bool> stop_{false};
    std::atomic<bool> done_{false};
    int code_ = -1;
    std::thread thread_;
};

}  // namespace surged::test
