#include "app/reload.hpp"

#include "app/loop.hpp"
#include "app/profiles.hpp"

namespace surged {
namespace {

/// The engine adopts within a turn; this only bounds a broken loop.
constexpr std::chrono::milliseconds adopt_max{10000};
constexpr std::size_t diagnostics_shown = 50;

std::string joined(const std::vector<std::string>& words, const char* between) {
    std::string out;
    for (const std::string& word : words) {
        out += (out.empty() ? "" : between) + word;
    }
    return out;
}

std::string errors_of(const LoadedConfig& config) {
    std::vector<std::string> lines;
    for (const Diagnostic& diagnostic : config.diagnostics) {
        if (diagnostic.severity == Severity::error && lines.size() < diagnostics_shown) {
            lines.push_back(diagnostic.text());
        }
    }
    return joined(lines, "\n");
}

bool same(const ListenSettings& a, const ListenSettings& b) {
    return a.host == b.host && a.port == b.port && a.any_port == b.any_port;
}

bool same(const CurveSettings& a, const CurveSettings& b) {
    return a.secret_key_file == b.secret_key_file && a.public_key_file == b.public_key_file &&
           a.server_key_file == b.server_key_file && a.allowed_keys == b.allowed_keys;
}

}  // namespace

std::vector<std::string> needs_restart(const Settings& running, const Settings& loaded) {
    std::vector<std::string> out;
    const auto note = [&out](bool equal, const char* what) {
        if (!equal) {
            out.emplace_back(what);
        }
    };
    note(running.ingest.bind == loaded.ingest.bind && running.ingest.subscribe == loaded.ingest.subscribe &&
             running.ingest.hwm == loaded.ingest.hwm && same(running.ingest.curve, loaded.ingest.curve),
         "[ingest]");
    note(running.publish.bind == loaded.publish.bind && running.publish.hwm == loaded.publish.hwm, "[publish]");
    note(same(running.metrics, loaded.metrics), "[metrics] listen");
    note(same(running.http.listen, loaded.http.listen) && running.http.token_file == loaded.http.token_file &&
             running.http.tls_cert == loaded.http.tls_cert && running.http.tls_key == loaded.http.tls_key &&
             running.http.trusted_proxies == loaded.http.trusted_proxies,
         "[http]");
    note(running.store.path == loaded.store.path && running.store.snapshot_every == loaded.store.snapshot_every &&
             running.store.retention == loaded.store.retention,
         "[store]");
    return out;
}

Reloader::Reloader(std::string path, const Settings& running, Courier& courier, Inbox<Loop>& inbox, const Log& log)
    : path_(std::move(path)), running_(running), store_path_(running.store.path), courier_(courier), inbox_(inbox), log_(log), ack_url_base_(running.http.ack_url_base) {}

Reloader::~Reloader() {
    if (thread_.joinable()) {
        thread_.join();
    }
}

ReloadResult Reloader::reload() {
    const std::lock_guard lock(one_at_a_time_);
    LoadedConfig config = load_config(path_);
    if (!config.ok()) {
        std::string message = errors_of(config);
        inbox_.push([message](Loop& loop) { loop.reload_refused(message); });
        return {false, message};
    }
    std::string message;
    if (const auto waiting = needs_restart(running_, config.settings); !waiting.empty()) {
        message = "needs a restart: " + joined(waiting, ", ");
    }
    // The courier first: an order of the new plan must not meet a courier that does not know its channel.
    for (const ChannelProblem& problem : courier_.configure(config.plan->channels, config.settings.base_dir)) {
        log_.warning("channel_problem", {{"channel", problem.channel}, {"why", problem.detail}});
        message += (message.empty() ? "" : "; ") + ("channel " + problem.channel + ": " + problem.detail);
    }
    std::shared_ptr<ProfileShelf> shelf;
    const auto profiles_path = profiles_path_of(config.settings, store_path_);
    if (auto profiles = load_profiles(profiles_path); !profiles) {
        message += (message.empty() ? "" : "; ") + ("profiles: " + profiles.error().message);
    } else if (!profiles->empty()) {
        shelf = std::make_shared<ProfileShelf>(std::move(*profiles));
    }
    auto plan = std::make_shared<std::unique_ptr<const Plan>>(std::move(config.plan));
    const auto report = inbox_.ask(
        [plan, message, shelf](Loop& loop) {
            auto adopted = loop.adopt(std::move(*plan), message);
            if (shelf) {
                loop.take_profiles(std::move(*shelf));
            }
            return adopted;
        },
        adopt_max);
    if (!report) {
        return {false, "the daemon is stopping or busy; try again"};
    }
    {
        const std::lock_guard hold(url_lock_);
        ack_url_base_ = config.settings.http.ack_url_base;
    }
    std::string text = "kept " + std::to_string(report->kept) + ", re-evaluated " + std::to_string(report->re_evaluated) +
                       ", closed " + std::to_string(report->closed) + " alerts";
    for (const std::string& line : report->lines) {
        text += "\n" + line;
    }
    return {true, message.empty() ? text : text + "\n" + message};
}

std::string Reloader::ack_url_base() const {
    const std::lock_guard hold(url_lock_);
    return ack_url_base_;
}

void Reloader::start(std::function<void(const ReloadResult&)> done) {
    if (busy_.exchange(true)) {
        return;  // it reads the files now; who changed them in this very moment asks again
    }
    if (thread_.joinable()) {
        thread_.join();  // ended already, since it was not busy
    }
    thread_ = std::thread([this, done = std::move(done)] {
        const ReloadResult result = reload();
        busy_ = false;
        done(result);
    });
}

}  // namespace surged
