#include "app/reload.hpp"

#include <algorithm>
#include <functional>
#include <future>
#include <optional>

#include "app/loop.hpp"
#include "app/parts.hpp"
#include "app/profiles.hpp"
#include "core/engine/next_plan.hpp"
#include "core/engine/replaced.hpp"
#include "os/file.hpp"
#include "os/memory.hpp"
#include "os/thread.hpp"

namespace surged {
namespace {

/// The engine adopts within a turn; this only bounds a broken loop.
constexpr std::chrono::milliseconds adopt_max{10000};
constexpr std::size_t diagnostics_shown = 50;

std::string joined_by(const std::vector<std::string>& words, const char* between) {
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
    return joined_by(lines, "\n");
}

bool same(const ListenSettings& a, const ListenSettings& b) {
    return a.host == b.host && a.port == b.port && a.any_port == b.any_port && a.connections == b.connections &&
           a.connections_per_address == b.connections_per_address && a.request_timeout == b.request_timeout;
}

bool same(const CurveSettings& a, const CurveSettings& b) {
    return a.secret_key_file == b.secret_key_file && a.public_key_file == b.public_key_file &&
           a.server_key_file == b.server_key_file && a.allowed_keys == b.allowed_keys;
}

bool same(const std::vector<IngestClient>& a, const std::vector<IngestClient>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const IngestClient& x, const IngestClient& y) {
        return x.name == y.name && x.key == y.key && x.sources == y.sources;
    });
}

std::string text_of(const std::string& file) {
    constexpr std::size_t most = std::size_t{1} << 20U;  // keys are some hundred bytes
    return read_file(file, most).value_or("");
}

/// A mark of the keys that are read at start only; it tells whether they changed, and nothing of them.
std::string keys_of(const Settings& configured) {
    const Settings settings = settings_in_force(configured, "-");
    std::string all;
    for (const std::string& file : {settings.ingest.curve.secret_key_file, settings.ingest.curve.public_key_file,
                                    settings.ingest.curve.server_key_file, settings.http.link_key_file,
                                    settings.http.link_key_previous_file}) {
        all += (file.empty() ? std::string() : text_of(file)) + '\n';
    }
    return std::to_string(std::hash<std::string>{}(all));
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
             running.ingest.hwm == loaded.ingest.hwm && same(running.ingest.curve, loaded.ingest.curve) &&
             same(running.ingest.clients, loaded.ingest.clients) && running.ingest.connections == loaded.ingest.connections &&
             running.ingest.memory == loaded.ingest.memory && running.ingest.report == loaded.ingest.report &&
             running.ingest.lenient == loaded.ingest.lenient,
         "[ingest]");
    note(running.publish.bind == loaded.publish.bind && running.publish.hwm == loaded.publish.hwm &&
             same(running.publish.curve, loaded.publish.curve) && running.publish.connections == loaded.publish.connections,
         "[publish]");
    note(same(running.metrics, loaded.metrics), "[metrics]");
    note(same(running.http.listen, loaded.http.listen) && running.http.link_key_file == loaded.http.link_key_file &&
             running.http.link_key_previous_file == loaded.http.link_key_previous_file &&
             running.http.trusted_proxies == loaded.http.trusted_proxies && running.http.hsts == loaded.http.hsts,
         "[http] listen, limits, proxies or link keys");
    note(running.store.path == loaded.store.path && running.store.snapshot_every == loaded.store.snapshot_every &&
             running.store.retention == loaded.store.retention,
         "[store]");
    note(running.history.keep == loaded.history.keep, "[history]");
    note(running.cluster == loaded.cluster, "[cluster]");
    return out;
}

std::string beyond_socket(std::size_t started, std::size_t loaded) {
    return started == 0 || loaded <= 2 * started ? "" : "[ingest.limits] message_bytes beyond " + std::to_string(2 * started) + ", twice that of the start";
}

Reloader::Reloader(std::string path, const Settings& running, std::size_t message_bytes, Courier& courier, Inbox<Loop>& inbox, const Log& log)
    : path_(std::move(path)), running_(running), message_bytes_(message_bytes), store_path_(running.store.path), courier_(courier), inbox_(inbox), log_(log), 
      keys_(keys_of(running)), ack_url_base_(running.http.ack_url_base) {}

Reloader::~Reloader() {
    {
        const std::lock_guard hold(asked_lock_);
        stopping_ = true;
    }
    asked_.notify_one();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void Reloader::ask_for(Asked asked) {
    {
        const std::lock_guard hold(asked_lock_);
        if (asked.by_signal && std::ranges::any_of(waiting_, &Asked::by_signal)) {
            return;
        }
        waiting_.push_back(std::move(asked));
        if (!thread_.joinable()) {
            thread_ = std::thread([this] { work(); });
        }
    }
    asked_.notify_one();
}

void Reloader::work() {
    step_back();
    std::unique_lock hold(asked_lock_);
    for (;;) {
        asked_.wait(hold, [this] { return stopping_ || !waiting_.empty(); });
        if (waiting_.empty()) {
            return;
        }
        const Done done = std::move(waiting_.front().done);
        waiting_.pop_front();
        hold.unlock();
        done(read_and_adopt());
        give_memory_back();
        hold.lock();
    }
}

ReloadResult Reloader::reload() {
    const auto result = std::make_shared<std::promise<ReloadResult>>();
    auto made = result->get_future();
    ask_for({[result](const ReloadResult& done) { result->set_value(done); }, false});
    return made.get();
}

void Reloader::start(Done done) {
    ask_for({std::move(done), true});
}

std::vector<std::string> Reloader::waits_for_restart(const LoadedConfig& config) const {
    auto out = needs_restart(running_, config.settings);
    if (out.empty() && keys_of(config.settings) != keys_) {
        out.emplace_back("keys of [ingest] curve or of [http] links");
    }
    if (auto large = beyond_socket(message_bytes_, config.plan->limits.message_bytes); !large.empty()) {
        out.push_back(std::move(large));
    }
    return out;
}

/// Half a millisecond of the engine's time at most for each piece; samples are judged in between.
template <typename Step>  // std::size_t step(queues): how many are left
std::optional<std::size_t> Reloader::by_pieces(Step step, std::size_t enough) {
    constexpr std::chrono::seconds most{10};  // whoever sends faster than it can be copied has the rest made at the change
    const auto began = std::chrono::steady_clock::now();
    std::optional<std::size_t> left;
    do {
        left = inbox_.ask(
            [step](Loop&) {
                constexpr std::chrono::microseconds piece{500};
                constexpr std::size_t at_once = 16;
                const auto until = std::chrono::steady_clock::now() + piece;
                std::size_t rest = step(at_once);
                while (rest > 0 && std::chrono::steady_clock::now() < until) {
                    rest = step(at_once);
                }
                return rest;
            },
            adopt_max);
    } while (left && *left > enough && std::chrono::steady_clock::now() - began < most);
    return left;
}

/// Makes what the plan needs beside the engine, which goes on by the old one. False: nobody answers.
bool Reloader::make_ready(const std::shared_ptr<NextPlan>& next) {
    if (!inbox_.ask([next](Loop& loop) { return loop.engine().begin(*next), true; }, adopt_max)) {
        return false;
    }
    next->prepare();
    if (next->keeps_detector()) {
        return true;
    }
    if (!by_pieces([next](std::size_t queues) { return std::size_t{next->outline(queues) ? 0U : 1U}; }, 0)) {
        return false;
    }
    next->build();
    constexpr std::size_t few = 64;  // two messages of a large feeder: some tenths of a millisecond
    return by_pieces([next](std::size_t queues) { return next->copy(queues); }, few).has_value();
}

/// Learned profiles of the detector that was replaced, which then goes with this thread's copy of the report.
void Reloader::hand_over(const std::shared_ptr<Replaced>& remains) {
    std::optional<std::size_t> left = 0;
    do {
        left = remains == nullptr ? 0 : by_pieces([remains](std::size_t profiles) { return remains->hand_over(profiles); }, 0);
    } while (left && *left > 0);
    left_ = left ? nullptr : remains;  // the daemon stops: what the engine may still read goes when it is gone
}

ReloadResult Reloader::read_and_adopt() {
    LoadedConfig config = load_config(path_);
    if (!config.ok()) {
        std::string message = errors_of(config);
        inbox_.push([message](Loop& loop) { loop.reload_refused(message); });
        return {false, message};
    }
    // Read before anything is changed: tokens or a certificate that cannot be read refuse the whole reload.
    std::optional<HttpCredentials> credentials;
    if (http_ != nullptr) {
        auto loaded = load_http_credentials(settings_in_force(config.settings, store_path_).http);
        if (!loaded || (loaded->tokens.is_open() && !is_loopback(running_.http.listen.host))) {
            const std::string why = loaded ? "[http] without a token_file needs a restart on loopback" : loaded.error().message;
            inbox_.push([why](Loop& loop) { loop.reload_refused(why); });
            return {false, why};
        }
        credentials = *std::move(loaded);
    }
    std::string message;
    const auto waiting = waits_for_restart(config);
    if (!waiting.empty()) {
        message = "needs a restart: " + joined_by(waiting, ", ");
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
    const auto next = std::make_shared<NextPlan>(std::move(config.plan));
    if (!make_ready(next)) {
        return {false, "the daemon is stopping or busy; try again"};
    }
    const auto report = inbox_.ask(
        [next, message, shelf](Loop& loop) {
            auto adopted = loop.adopt(*next, message);
            if (shelf) {
                loop.take_profiles(std::move(*shelf));
            }
            return adopted;
        },
        adopt_max);
    if (!report) {
        return {false, "the daemon is stopping or busy; try again"};
    }
    hand_over(report->remains);
    if (credentials) {
        if (const auto renewed = http_->renew(*std::move(credentials)); !renewed) {
            return {false, renewed.error().message};
        }
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

}  // namespace surged
