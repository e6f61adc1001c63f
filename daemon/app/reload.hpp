// Reading the configuration again, away from the engine thread: files, the tz database and secrets are disk.
//
// Its hardest rule: a configuration with an error changes nothing and says why, all of it.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "app/inbox.hpp"
#include "app/log.hpp"
#include "config/settings.hpp"
#include "io/courier/courier.hpp"
#include "io/http/http_server.hpp"

namespace surged {

class Loop;
class NextPlan;
class Replaced;
struct LoadedConfig;

struct ReloadResult {
    bool ok = false;
    std::string message;  ///< what changed, or every diagnostic; lines
};

class Reloader {
public:
    /// `courier`, `inbox` and `log` are borrowed; `running` and `message_bytes` ([ingest.limits]) are what the daemon was started with.
    Reloader(std::string path, const Settings& running, std::size_t message_bytes, Courier& courier, Inbox<Loop>& inbox, const Log& log);
    ~Reloader();
    /// Where the store is, when the command line says otherwise than the configuration: learned profiles lie beside it.
    void store_at(std::string path) { store_path_ = std::move(path); }
    const std::string& store_path() const { return store_path_; }
    /// The API's server takes tokens and certificates that a reload reads; set before the first reload, null = [http] is off.
    void serve_by(HttpServer* http) { http_ = http; }
    Reloader(const Reloader&) = delete;
    Reloader& operator=(const Reloader&) = delete;

    /// Reads, checks, adopts, on a thread of its own, one at a time, and waits for it. Not from the engine thread, for which that thread waits.
    ReloadResult reload();
    /// The same without waiting (SIGHUP). `done` runs on that thread. Not when one started so has not begun to read yet: it will read what is
    /// there now. One that has begun may have read it before, so another follows it.
    void start(std::function<void(const ReloadResult&)> done);

    /// Of the configuration in force. From any thread.
    std::string ack_url_base() const;

private:
    using Done = std::function<void(const ReloadResult&)>;
    struct Asked {
        Done done;
        bool by_signal = false;
    };
    void ask_for(Asked asked);
    void work();
    ReloadResult read_and_adopt();
    std::vector<std::string> waits_for_restart(const LoadedConfig& config) const;
    bool make_ready(const std::shared_ptr<NextPlan>& next);
    template <typename Step>
    std::optional<std::size_t> by_pieces(Step step, std::size_t enough);
    void hand_over(const std::shared_ptr<Replaced>& remains);

    const std::string path_;
    const Settings running_;
    const std::size_t message_bytes_;
    std::string store_path_;
    Courier& courier_;
    Inbox<Loop>& inbox_;
    const Log& log_;
    HttpServer* http_ = nullptr;
    const std::string keys_;  ///< of the files that are read at start only
    std::mutex asked_lock_;
    std::condition_variable asked_;
    std::deque<Asked> waiting_;
    bool stopping_ = false;
    /// One for all reloads, from the first on: a detector is made and let go by the same thread, whose allocator can give all of it back.
    std::thread thread_;
    std::shared_ptr<Replaced> left_;  ///< of the last reload, when the daemon stopped before all was handed over
    mutable std::mutex url_lock_;
    std::string ack_url_base_;
};

/// What differs between two settings and takes effect only at the next start: "[ingest] bind", ... Empty = nothing.
std::vector<std::string> needs_restart(const Settings& running, const Settings& loaded);
/// The socket takes frames of twice the message_bytes of the start, whatever a reload says: "" = what is loaded fits.
std::string beyond_socket(std::size_t started, std::size_t loaded);

}  // namespace surged
