// The courier's loop: ways out that are kept warm. What is due says warm_plan; here it is sent, and what came of it is told.
#include <algorithm>
#include <utility>

#include "io/courier/courier_loop.hpp"

namespace surged {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds warm_up_max{10000};
constexpr milliseconds looks_while_shut{1000};

/// Empty: it can be used. Whatever an answer says, it is one.
std::string problem_of(const HttpReply& reply) {
    if (reply.transport == Transport::answered) {
        return {};
    }
    return std::string(describe(reply.transport)) + (reply.error.empty() ? "" : ": " + reply.error);
}

}  // namespace

/// Which ways there are to keep warm; several channels may go by one.
void Courier::Loop::offer_ways() {
    std::map<std::string, Way> next;
    std::map<std::string, milliseconds> every;
    for (const auto& [id, channel] : channels) {
        if (!channel.problem.empty()) {
            continue;
        }
        auto idle = idle_request(channel);
        if (!idle) {
            continue;
        }
        const auto name = way_of(idle->request);
        const auto [at, added] = every.try_emplace(name, idle->every);
        at->second = std::min(at->second, milliseconds{idle->every});
        auto& way = next[name];
        way.request = std::move(idle->request);
        way.channels.push_back(id);
        way.hidden.insert(way.hidden.end(), channel.hidden.begin(), channel.hidden.end());
        if (const auto known = ways.find(name); known != ways.end()) {
            way.problem = known->second.problem;
        }
    }
    ways = std::move(next);
    warmth.offer(every, Clock::now());
}

/// What became of connections since the last look.
void Courier::Loop::hear_of_ways() {
    for (const auto& news : http.take_news()) {
        switch (news.what) {
            case WayNews::What::used: warmth.used(news.way, Clock::now()); break;
            case WayNews::What::lost_in_use: warmth.lost(news.way, true, Clock::now()); break;
            case WayNews::What::lost_new:
            case WayNews::What::lost_idle: warmth.lost(news.way, false, Clock::now()); break;
        }
    }
}

/// Sends what is due. When it must be looked again; max() = nothing is kept warm.
Courier::Loop::Clock::time_point Courier::Loop::warm_some() {
    hear_of_ways();
    const auto now = Clock::now();
    if (ways.empty()) {
        return Clock::time_point::max();
    }
    if (shut()) {
        was_shut = true;  // whoever stands by uses no way
        return now + looks_while_shut;
    }
    if (std::exchange(was_shut, false)) {
        warmth.soon(now);
    }
    for (const auto& name : warmth.due(now)) {
        const auto ticket = next_ticket++;
        warm_ups.emplace(ticket, name);
        {
            const std::lock_guard hold(lock);
            ++stats.warm_ups;
        }
        http.start(ticket, ways.at(name).request, warm_up_max);
    }
    return warmth.next();
}

/// A way was used. That it failed is no page's failure; it is told when it begins and when it is over.
void Courier::Loop::warmed(const std::string& name, const HttpReply& reply) {
    warmth.ended(name);
    const auto at = ways.find(name);
    if (at == ways.end()) {
        return;
    }
    Way& way = at->second;
    auto problem = problem_of(reply);
    for (const auto& secret : way.hidden) {
        problem = secret.scrub(std::move(problem));
    }
    problem = clean_text(problem, detail_points_max);
    if (problem.empty() == way.problem.empty()) {
        return;
    }
    way.problem = problem;
    if (options.on_warmth) {
        for (const auto& channel : way.channels) {
            options.on_warmth({channel, problem});
        }
    }
}

}  // namespace surged
