#include "outcome_desk.hpp"

#include <algorithm>
#include <cmath>

#include "feed/random.hpp"

namespace surged::bench {

namespace {
constexpr double callback_s = 360;
constexpr double reached_share = 0.7;
constexpr double again_after_s = 1800;
constexpr int tries_max = 3;
constexpr double later_s = 1e18;

void add(std::vector<MetricValue>& out, std::string_view name, double value) {
    out.push_back({name, value});
}
}  // namespace

Desk voice_desk() {
    return {};
}

Desk chat_desk() {
    Desk out;
    out.aht_s = 600;
    out.patience_s = 480;
    out.within_s = 60;
    out.at_once = 3;
    out.channel = "chat";
    return out;
}

Desk callback_desk() {
    Desk out;
    out.callbacks = true;
    return out;
}

std::optional<Desk> desk_named(std::string_view name) {
    if (name == "voice") {
        return voice_desk();
    }
    if (name == "chat") {
        return chat_desk();
    }
    return name == "callback" ? std::optional(callback_desk()) : std::nullopt;
}

CallbackShift::CallbackShift(double lost_per_h, std::uint64_t seed) : seed_(seed) {
    const double tries = 1 + (1 - reached_share) + (1 - reached_share) * (1 - reached_share);
    const double load = lost_per_h * tries * callback_s / 3600;
    lines_.resize(static_cast<std::size_t>(std::ceil(1.5 * load)) + 1);
}

void CallbackShift::run_until(double now_s, std::int64_t lost) {
    for (; requested_ < lost; ++requested_) {
        owed_.push_back({now_s, now_s, 0, static_cast<std::uint64_t>(requested_)});
    }
    for (auto& line : lines_) {
        if (line.call && line.until_s <= now_s) {
            auto& call = *line.call;
            const bool spoke = uniform_of(seed_, call.number * tries_max + static_cast<std::uint64_t>(call.tries)) < reached_share;
            ++call.tries;
            if (spoke) {
                ++reached_;
            } else if (call.tries >= tries_max) {
                ++failed_;
            } else {
                call.next_s = now_s + again_after_s;
                owed_.push_back(call);
            }
            line.call.reset();
        }
        if (line.call) {
            continue;
        }
        // Of those whose time has come, who has waited longest.
        const auto due = std::ranges::min_element(owed_, {}, [&](const Owed& o) { return o.next_s <= now_s ? o.since_s : later_s; });
        if (due != owed_.end() && due->next_s <= now_s) {
            ++attempted_;
            line.call = *due;
            line.until_s = now_s - callback_s * std::log(uniform_of(seed_ + 1, static_cast<std::uint64_t>(attempted_)));
            owed_.erase(due);
        }
    }
}

void CallbackShift::add_values(double now_s, std::vector<MetricValue>& out) const {
    double oldest = now_s;
    for (const auto& owed : owed_) {
        oldest = std::min(oldest, owed.since_s);
    }
    for (const auto& line : lines_) {
        oldest = line.call ? std::min(oldest, line.call->since_s) : oldest;
    }
    add(out, "callbacks_requested", static_cast<double>(requested_));
    add(out, "callbacks_attempted", static_cast<double>(attempted_));
    add(out, "callbacks_reached", static_cast<double>(reached_));
    add(out, "callbacks_failed", static_cast<double>(failed_));
    add(out, "callbacks_pending", static_cast<double>(requested_ - reached_ - failed_));
    add(out, "callbacks_oldest_s", now_s - oldest);
}

const Message& DeskFeed::shown(const Message& message, double now_s, std::int64_t lost) {
    if (desk_.at_once == 1 && !desk_.callbacks) {
        return message;
    }
    shown_ = message;
    auto& part = shown_.parts.front();  // a centre of the bench has one queue
    part.channel = desk_.channel;
    if (desk_.at_once > 1) {
        double open = 0;
        double slots = 0;
        for (auto& value : shown_.values) {
            open = value.name == "agents_on_call" ? value.value : open;
            slots = value.name == "agents_staffed" ? value.value : slots;
            if (value.name.starts_with("agents_")) {
                value.value = std::ceil(value.value / desk_.at_once);
            }
        }
        add(shown_.values, "chats_open", open);
        add(shown_.values, "chat_slots", slots);
    }
    if (desk_.callbacks) {
        const auto [shift, fresh] = shifts_.try_emplace(std::string(part.centre), lost_per_h_, seed_);
        shift->second.run_until(now_s, lost);
        shift->second.add_values(now_s, shown_.values);
        for (auto& value : shown_.values) {
            value.value = value.name == "abandoned" ? static_cast<double>(lost) : value.value;  // who calls again is no caller to call back
        }
    }
    part.count = static_cast<std::uint32_t>(shown_.values.size());
    return shown_;
}

}  // namespace surged::bench
