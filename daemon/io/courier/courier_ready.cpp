// The courier's loop: requests that are made while the disk still writes what they say. Between a decision and its page stands a flush; what
// needs no network is done in that time.
#include <algorithm>
#include <utility>

#include "io/courier/courier_loop.hpp"

namespace surged {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds ready_for{2000};  ///< a signature has a time in it

}  // namespace

void Courier::Loop::make_ready(const SendOrder& order) {
    const auto now = Clock::now();
    forget_ready(now - ready_for);
    const auto at = channels.find(order.channel);
    if (at == channels.end() || !at->second.problem.empty() || ready.size() >= ready_max || shut()) {
        return;
    }
    Request request = at->second.type->build({order, at->second, unix_seconds()});
    auto* post = std::get_if<HttpRequest>(&request);
    if (post == nullptr) {
        return;
    }
    const auto ticket = next_ticket++;
    http.make_ready(ticket, std::move(*post), timeout_of(order, at->second));
    ready.push_back({order.page, order.attempt, order.repeat, order.text, ticket, now});
}

/// The ticket of what was made ready for this very order. A repeat of an attempt says so in its text, and is another one.
std::optional<std::uint64_t> Courier::Loop::take_ready(const Waiting& waiting) {
    const auto& order = waiting.order;
    const auto at = std::ranges::find_if(ready, [&](const Ready& one) { return one.page == order.page && one.attempt == order.attempt; });
    if (at == ready.end()) {
        return std::nullopt;
    }
    const Ready found = std::move(*at);
    ready.erase(at);
    if (found.repeat != order.repeat || found.text != order.text || found.made + ready_for < Clock::now()) {
        http.forget(found.ticket);
        return std::nullopt;
    }
    const std::lock_guard hold(lock);
    ++stats.ready;
    return found.ticket;
}

void Courier::Loop::forget_ready(Clock::time_point made_before) {
    while (!ready.empty() && ready.front().made < made_before) {
        http.forget(ready.front().ticket);
        ready.pop_front();
    }
}

}  // namespace surged
