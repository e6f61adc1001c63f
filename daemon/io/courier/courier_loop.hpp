// The courier's own thread: takes orders over from whoever submits them, gives each channel its turn, starts what may start, and
// brings every order to exactly one outcome. It knows lanes, flights and time; it refuses to know who submits and where channels
// come from (courier.cpp). Private to this room.
#pragma once

#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include "io/courier/courier.hpp"
#include "io/courier/http_carrier.hpp"
#include "io/courier/load_channel.hpp"
#include "io/courier/pace.hpp"
#include "io/courier/process_carrier.hpp"
#include "io/courier/pull_plan.hpp"
#include "io/courier/smtp_carrier.hpp"
#include "io/courier/warm_plan.hpp"

namespace surged {

using Channels = std::map<std::string, LoadedChannel>;

struct Waiting {
    SendOrder order;
    std::chrono::steady_clock::time_point submitted;
};

/// An order under way. It remembers what it needs of its channel, for a reload may take the channel away.
struct Flight {
    SendOrder order;
    SendTiming timing;
    const ChannelType* type = nullptr;
    std::vector<Secret> hidden;
};

/// A question to a provider under way.
struct Question {
    PullPlan::Key key;
    const ChannelType* type = nullptr;
    std::vector<Secret> hidden;
};

/// A way out that is kept warm.
struct Way {
    HttpRequest request;
    std::vector<std::string> channels;
    std::vector<Secret> hidden;
    std::string problem;  // why the last use failed
};

/// One channel's queue, and how many of its orders are under way.
struct Lane {
    std::deque<Waiting> waiting;
    std::size_t in_flight = 0;
};

/// An order that may be submitted soon, with all made that needs no network.
struct Ready {
    std::string page;
    int attempt = 0;
    bool repeat = false;
    std::string text;
    std::uint64_t ticket = 0;
    std::chrono::steady_clock::time_point made;
};

/// Of what an outcome or a problem says, in code points.
inline constexpr std::size_t detail_points_max = 240;

/// How long an order may be under way.
std::chrono::milliseconds timeout_of(const SendOrder& order, const LoadedChannel& channel);
/// The host's wall clock.
std::int64_t unix_seconds();

SendOutcome outcome_for(const SendOrder& order, OutcomeClass outcome, std::string detail);

struct Courier::Loop {
    using Clock = std::chrono::steady_clock;

    explicit Loop(CourierOptions options_in);

    void run();
    void accept();
    bool start_one(Lane& lane, const std::string& id);
    bool shut() const { return options.may_start && !options.may_start(); }
    void hold_back();
    void start_some();
    void start(Waiting waiting, const LoadedChannel& channel, const std::string& id);
    void take_off(std::uint64_t ticket, Waiting waiting, const LoadedChannel& channel, const std::string& id);
    void make_ready(const SendOrder& order);
    std::optional<std::uint64_t> take_ready(const Waiting& waiting);
    void forget_ready(Clock::time_point made_before);
    void land(std::uint64_t ticket, const SendVerdict& verdict, Clock::time_point first_byte);
    void finish(const SendOrder& order, SendTiming timing, SendOutcome outcome);
    void offer_pulls();
    void pull_some();
    void pulled(std::uint64_t ticket, const HttpReply& reply);
    void offer_ways();
    void hear_of_ways();
    Clock::time_point warm_some();
    void warmed(const std::string& name, const HttpReply& reply);
    void end_all();
    bool nothing_left() const;
    void step(const char* name) const {
        if (options.at_step) {
            options.at_step(name);
        }
    }

    const CourierOptions options;
    HttpCarrier http;
    ProcessCarrier processes;
    SmtpCarrier mails;

    // The courier's thread only.
    Channels channels;
    std::map<std::string, Lane> lanes;
    std::map<std::string, Pace> paces;  // of configured channels
    Clock::time_point paced_until{};    // a lane waits for its rate, or for a start to be allowed, until then; max() = none does
    std::string turn;                   // the lane served last: the next round begins behind it
    std::map<std::uint64_t, Flight> flights;
    std::uint64_t next_ticket = 1;
    PullPlan pulls;
    std::map<std::uint64_t, Question> questions;
    WarmPlan warmth;
    std::map<std::string, Way> ways;
    std::map<std::uint64_t, std::string> warm_ups;  // ticket -> way
    bool was_shut = false;
    std::deque<Ready> ready;  // oldest first

    mutable std::mutex lock;  // guards what follows
    std::deque<Waiting> inbox;
    std::vector<SendOrder> coming;  // to be made ready
    std::optional<Channels> new_channels;
    std::optional<std::set<std::string>> new_expected;
    bool page_soon = false;
    CourierStats stats;
    bool stopping = false;
    Clock::time_point stop_at{};
    std::size_t cut_off = 0;

    std::thread thread;
};

}  // namespace surged
