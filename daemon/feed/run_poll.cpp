#include "feed/run_poll.hpp"

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include "core/base/text.hpp"
#include "feed/poll_feed.hpp"
#include "feed/poll_source.hpp"
#include "feed/poll_state_file.hpp"
#include "feed/queue_log_line.hpp"
#include "feed/run_queue_log.hpp"
#include "feed/sink.hpp"
#include "wire/encode_message.hpp"

namespace surged {
namespace {

constexpr std::int64_t between_ms = 5000;

/// What an ask's thread hands over.
struct PollOutcome {
    const AskPlan* ask = nullptr;
    Result<PollAnswer, PollTrouble> result;
    double took_s = 0;
};

class OutcomeQueue {
public:
    void add(PollOutcome outcome) {
        {
            const std::lock_guard hold(mutex_);
            outcomes_.push_back(std::move(outcome));
        }
        changed_.notify_one();
    }
    /// The one that writes has not come to this ask's last answer: a disk hangs, or a peer of its output.
    bool holds(const AskPlan& ask) const {
        const std::lock_guard hold(mutex_);
        return std::any_of(outcomes_.begin(), outcomes_.end(), [&](const PollOutcome& outcome) { return outcome.ask == &ask; });
    }
    std::optional<PollOutcome> take(Span within) {
        std::unique_lock hold(mutex_);
        if (!changed_.wait_for(hold, within, [this] { return !outcomes_.empty(); })) {
            return std::nullopt;
        }
        auto out = std::move(outcomes_.front());
        outcomes_.pop_front();
        return out;
    }

private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<PollOutcome> outcomes_;  // at most one of each ask: it is not asked again before
};

std::string state_path(const PollOptions& options, const PollPlan& plan) {
    if (!options.state.empty()) {
        return options.state;
    }
    if (!plan.state.empty()) {
        return poll_path(plan, plan.state);
    }
    const char* folder = std::getenv("STATE_DIRECTORY");  // systemd's
    return folder == nullptr || *folder == '\0' ? "" : std::string(folder) + "/" + wire_name(plan.source) + ".state";
}

std::string credentials_dir() {
    const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
    return folder == nullptr ? "" : folder;
}

std::unique_ptr<PollSource> open_source(const AskPlan& ask, const PollWorld& world, const PollBook& book) {
    switch (ask.kind) {
        case AskPlan::Kind::sql: return open_sql_source(ask, world);
        case AskPlan::Kind::file: return open_file_source(ask, world);
        case AskPlan::Kind::folder: {
            const auto kept = book.asks.find(ask.id);
            return kept == book.asks.end() ? open_folder_source(ask, world, {}, false)
                                           : open_folder_source(ask, world, kept->second.files, kept->second.folder_read);
        }
        case AskPlan::Kind::http: break;
    }
    return open_http_source(ask, world);
}

class Poller {
public:
    Poller(const char* what, const PollPlan& plan, const PollOptions& options, std::ostream& err, const std::atomic<bool>& stop)
        : plan_(plan),
          options_(options),
          err_(err),
          stop_(stop),
          live_(what, with_source(options.live, plan), err),
          tokens_(plan, credentials_dir(), stop_all_),
          world_{plan, credentials_dir(), stop_all_, tokens_} {}

    int once(std::ostream& out) {
        book_.source = plan_.source;
        book_.epoch = static_cast<std::uint64_t>(wall_now_ms());
        PollFeed feed(plan_, book_, true);
        for (const auto& ask : plan_.asks) {
            auto source = open_source(ask, world_, book_);
            const auto begin = steady_now_ms();
            PollOutcome outcome{&ask, source->ask(wall_now_ms()), 0};
            outcome.took_s = static_cast<double>(steady_now_ms() - begin) / 1000;
            take(outcome, feed, [&](const Message& message) { return static_cast<bool>(out << encode_json(message) << '\n'); });
        }
        out.flush();
        return out && troubles_ == 0 ? 0 : 1;
    }

    int run(std::ostream& out) {
        auto state = PollStateFile::open(state_path(options_, plan_));
        if (!state) {
            err_ << state.error().message << '\n';
            return 2;
        }
        std::string told;
        book_ = state->read(plan_.source, plan_.resume_within, wall_now_ms(), told);
        if (!told.empty()) {
            live_.log.note("feed_state", "reason=" + TroubleLog::quoted(told));
        }
        tell_of_no_state();
        if (auto opened = live_.open(with_source(options_.live, plan_), out); !opened) {
            err_ << opened.error().message << '\n';
            return 2;
        }
        start();
        const bool well = loop(*state);
        stop_all_ = true;
        for (auto& thread : threads_) {
            thread.join();
        }
        live_.sink->finish();
        live_.log.note("feed_done", "messages=" + std::to_string(live_.sink->sent()));
        return well ? 0 : 1;
    }

private:
    static LiveOptions with_source(LiveOptions live, const PollPlan& plan) {
        live.source = plan.source;
        return live;
    }

    void tell_of_no_state() {
        bool counts = false;
        for (const auto& ask : plan_.asks) {
            counts = counts || ask.kind == AskPlan::Kind::folder;
            for (const auto& metric : ask.map.metrics) {
                counts = counts || metric.counter;
            }
        }
        if (counts && state_path(options_, plan_).empty()) {
            live_.log.note("feed_state",
                           "reason=\"no state file (`state` in [feed], or --state): counters begin anew at each start\"");
        }
    }

    void start() {
        for (const auto& ask : plan_.asks) {
            threads_.emplace_back([this, &ask, source = std::shared_ptr<PollSource>(open_source(ask, world_, book_))] {
                keep_asking(ask, *source);
            });
        }
    }

    /// An ask's thread.
    void keep_asking(const AskPlan& ask, PollSource& source) {
        Backoff backoff(static_cast<std::uint64_t>(wall_now_ms()) + static_cast<std::uint64_t>(&ask - plan_.asks.data()),
                        {ask.every, std::max<Span>(ask.every, std::chrono::minutes{5})});
        auto due = steady_now_ms();
        while (wait_until_ms(due, stop_all_)) {
            if (outcomes_.holds(ask)) {
                due = steady_now_ms() + 100;
                continue;
            }
            const auto begin = steady_now_ms();
            PollOutcome outcome{&ask, source.ask(wall_now_ms()), 0};
            const auto end = steady_now_ms();
            outcome.took_s = static_cast<double>(end - begin) / 1000;
            if (outcome.result) {
                backoff.reset();
                // After a stall the missed asks are not made up for.
                due = std::max(due + ask.every.count(), end);
            } else {
                due = end + std::max({ask.every.count(), backoff.next().count(), outcome.result.error().retry_after.count()});
            }
            outcomes_.add(std::move(outcome));
        }
    }

    bool loop(const PollStateFile& state) {
        PollFeed feed(plan_, book_, false);
        const auto send = [this](const Message& message) { return live_.sink->send(message, steady_now_ms()); };
        bool well = true;
        auto next_between = steady_now_ms() + between_ms;
        while (!stop_ && well) {
            const auto outcome = outcomes_.take(Span{100});
            if (outcome) {
                well = take(*outcome, feed, send);
            }
            const bool due = steady_now_ms() >= next_between;
            if (due) {
                next_between = steady_now_ms() + between_ms;
                for (const auto& ask : plan_.asks) {
                    well = well && (ask.spread <= Span{0} || feed.between(ask, wall_now_ms(), send));
                }
            }
            if (outcome || due) {
                save(state);
            }
        }
        save(state);
        return well;
    }

    void save(const PollStateFile& state) {
        book_.saved_ms = wall_now_ms();
        if (auto written = state.write(book_); !written) {
            live_.log.trouble("feed_state_unwritten", "reason=" + TroubleLog::quoted(written.error().message), steady_now_ms());
        } else {
            live_.log.ended("feed_state_unwritten", "feed_state_written", steady_now_ms());
        }
    }

    bool take(const PollOutcome& outcome, PollFeed& feed, const PollFeed::OnMessage& send) {
        const auto& ask = *outcome.ask;
        const FeedHealth::Label of_ask{"ask", ask.id};
        live_.health.add("asks_total", 1, of_ask);
        live_.health.set("ask_seconds", outcome.took_s, of_ask);
        if (!outcome.result) {
            live_.health.add("ask_failures_total", 1, of_ask);
            troubled("ask_failed:" + ask.id, "ask=" + ask.id + " reason=" + TroubleLog::quoted(outcome.result.error().reason));
            failing_.insert(ask.id);
            tell_health();
            return true;
        }
        const auto& answer = *outcome.result;
        live_.log.ended("ask_failed:" + ask.id, "ask_answered ask=" + ask.id, steady_now_ms());
        live_.health.set("ask_answer_timestamp_seconds", static_cast<double>(wall_now_ms()) / 1000, of_ask);
        failing_.erase(ask.id);
        tell_health();
        for (const auto& note : answer.notes) {
            live_.log.note("ask_note", "ask=" + ask.id + " " + note);
        }
        auto& book = book_.asks[ask.id];
        if (answer.files) {
            book.files = *answer.files;
            book.folder_read = true;
        }
        if (answer.nothing_new) {
            return true;
        }
        // Of a folder each file is an answer of its own; else all documents are pages of one.
        const bool each = ask.kind == AskPlan::Kind::folder;
        MappedAnswer mapped;
        for (std::size_t i = 0; i < answer.documents.size(); ++i) {
            const auto& document = answer.documents[i];
            map_document(document.document, ask.map, document.period, plan_.zone, wall_now_ms(), mapped);
            tell_lines(ask, document);
            if (document.written_ms && !mapped.document_ms) {
                mapped.document_ms = document.written_ms;
            }
            if (each || i + 1 == answer.documents.size()) {
                if (!hand_over(ask, mapped, document.adds, feed, send)) {
                    return false;
                }
                mapped = {};
            }
        }
        return true;
    }

    bool hand_over(const AskPlan& ask, const MappedAnswer& mapped, bool adds, PollFeed& feed, const PollFeed::OnMessage& send) {
        const auto now_ms = wall_now_ms();
        const FeedHealth::Label of_ask{"ask", ask.id};
        live_.health.set("ask_rows", static_cast<double>(mapped.rows), of_ask);
        live_.health.set("ask_queues", static_cast<double>(mapped.queues.size()), of_ask);
        if (mapped.faults > 0) {
            live_.health.add("ask_faults_total", mapped.faults, of_ask);
            troubled("ask_faults:" + ask.id, "ask=" + ask.id + " faults=" + std::to_string(mapped.faults) +
                                                 " first=" + TroubleLog::quoted(mapped.told.front()));
        } else {
            live_.log.ended("ask_faults:" + ask.id, "ask_readable ask=" + ask.id, steady_now_ms());
        }
        tell_missing(ask, mapped);
        const auto age_ms = mapped.document_ms ? now_ms - *mapped.document_ms : 0;
        if (age_ms > ask.age_max.count()) {
            live_.health.add("ask_old_total", 1, of_ask);
            troubled("ask_old:" + ask.id, "ask=" + ask.id + " age_s=" + std::to_string(age_ms / 1000) +
                                              " reason=\"the answer is older than `age_max`: it is not sent\"");
            return true;
        }
        live_.log.ended("ask_old:" + ask.id, "ask_fresh ask=" + ask.id, steady_now_ms());
        return feed.answer(ask, mapped, adds, now_ms, send);
    }

    /// A metric that no row has had so far: a slip in its path would be zeros, or nothing, for ever. Once.
    void tell_missing(const AskPlan& ask, const MappedAnswer& mapped) {
        if (mapped.queues.empty()) {
            return;
        }
        auto& had = had_[ask.id];
        for (const auto& [key, of_queue] : mapped.queues) {
            for (const auto& [metric, readings] : of_queue.metrics) {
                had.insert(metric);
            }
            had.insert(of_queue.unreadable.begin(), of_queue.unreadable.end());
        }
        for (std::size_t i = 0; i < ask.map.metrics.size(); ++i) {
            const auto& metric = ask.map.metrics[i];
            if (had.insert(i).second) {
                live_.log.note("ask_without", "ask=" + ask.id + " metric=" + metric.metric +
                                                  " reason=\"no row has it so far\" path=" +
                                                  TroubleLog::quoted(metric.value.empty() ? "" : metric.value.front().text()));
            }
        }
    }

    void tell_lines(const AskPlan& ask, const PollDocument& document) {
        if (document.faults.lines == 0) {
            live_.log.ended("ask_lines:" + ask.id, "ask_lines_well ask=" + ask.id, steady_now_ms());
            return;
        }
        live_.health.add("ask_bad_lines_total", document.faults.lines, {"ask", ask.id});
        troubled("ask_lines:" + ask.id,
                 "ask=" + ask.id + (document.file.empty() ? "" : " file=" + TroubleLog::quoted(document.file)) + " bad_lines=" +
                     std::to_string(document.faults.lines) + " first=" + TroubleLog::quoted(document.faults.told.front()));
    }

    void troubled(const std::string& event, const std::string& details) {
        ++troubles_;
        live_.log.trouble(event, details, steady_now_ms());
    }

    void tell_health() {
        live_.health.healthy(failing_.empty(), failing_.empty() ? "" : "the ask " + *failing_.begin() + " fails");
    }

    const PollPlan& plan_;
    const PollOptions& options_;
    std::ostream& err_;
    const std::atomic<bool>& stop_;
    std::atomic<bool> stop_all_{false};  // of the threads
    LiveFeed live_;
    OAuthTokens tokens_;
    PollWorld world_;
    PollBook book_;
    OutcomeQueue outcomes_;
    std::vector<std::thread> threads_;
    std::set<std::string> failing_;
    std::map<std::string, std::set<std::size_t>> had_;  // metrics of an ask that were there, or were told of
    std::size_t troubles_ = 0;
};

/// Files that are named and cannot be read: told, because the feeder would only say so later.
void warn_of_secrets(const PollPlan& plan, std::ostream& err) {
    const auto read = secrets_of(plan, credentials_dir());
    std::set<std::string> names;
    const auto add = [&](const std::string& name) { name.empty() ? void() : static_cast<void>(names.insert(name)); };
    for (const auto& [name, oauth] : plan.oauths) {
        add(oauth.client_id_file);
        add(oauth.client_secret_file);
    }
    for (const auto& [name, database] : plan.databases) {
        add(database.password_file);
    }
    for (const auto& ask : plan.asks) {
        add(ask.http.password_file);
        if (ask.http.aws) {
            add(ask.http.aws->key_id_file);
            add(ask.http.aws->secret_key_file);
            add(ask.http.aws->token_file);
        }
        std::vector<const PollTemplate*> templates{&ask.http.url, &ask.sql.query};
        for (const auto& [name, value] : ask.http.headers) {
            templates.push_back(&value);
        }
        for (const auto* maybe : {&ask.http.body, &ask.http.user_from}) {
            if (*maybe) {
                templates.push_back(&**maybe);
            }
        }
        for (const auto* text : templates) {
            for (const auto& name : text->files()) {
                add(name);
            }
        }
    }
    for (const auto& name : names) {
        if (const auto text = read(name); !text) {
            err << "warning: " << text.error().message << '\n';
        }
    }
}

}  // namespace

int run_poll_plan(const char* what, const PollPlan& plan, const PollOptions& options, std::ostream& out, std::ostream& err,
                  const std::atomic<bool>& stop) {
    Poller poller(what, plan, options, err, stop);
    return options.once ? poller.once(out) : poller.run(out);
}

int run_feed_poll(const PollOptions& options, std::ostream& out, std::ostream& err, const std::atomic<bool>& stop) {
    auto loaded = load_poll_plan(options.file);
    for (const auto& finding : loaded.findings) {
        err << finding.text() << '\n';
    }
    if (!loaded.good) {
        return 2;
    }
    if (options.check) {
        warn_of_secrets(loaded.plan, err);
        std::size_t metrics = 0;
        for (const auto& ask : loaded.plan.asks) {
            metrics += ask.map.metrics.size();
        }
        out << options.file << ": well: " << loaded.plan.asks.size() << " asks, " << metrics << " metrics\n";
        return 0;
    }
    if (!options.live.source.empty()) {
        loaded.plan.source = options.live.source;
    }
    if (loaded.plan.source.empty()) {
        loaded.plan.source = default_source(options.file, "");
    }
    return run_poll_plan("poll", loaded.plan, options, out, err, stop);
}

}  // namespace surged
