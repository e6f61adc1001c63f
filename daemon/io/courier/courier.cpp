#include "io/courier/courier.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "io/courier/courier_loop.hpp"

namespace surged {
namespace {

using std::chrono::milliseconds;

std::vector<ChannelProblem> problems_of(const Channels& channels) {
    std::vector<ChannelProblem> out;
    for (const auto& [id, channel] : channels) {
        for (const auto& text : {channel.problem, channel.notice}) {
            if (!text.empty()) {
                out.push_back({id, channel.scrub(text)});
            }
        }
    }
    return out;
}

Channels load_all(const std::vector<ChannelSpec>& specs, const LoadContext& context) {
    Channels out;
    for (const auto& spec : specs) {
        out.insert_or_assign(spec.id, load_channel(spec, context));
    }
    return out;
}

}  // namespace

Courier::Courier(CourierOptions options) : loop_(std::make_unique<Loop>(std::move(options))) {
    loop_->thread = std::thread([loop = loop_.get()] { loop->run(); });
}

Courier::~Courier() {
    stop(milliseconds{0});
}

std::vector<ChannelProblem> Courier::configure(const std::vector<ChannelSpec>& channels, const std::string& base_dir) {
    Channels loaded = load_all(channels, {base_dir, loop_->options.credentials_dir, loop_->options.installation});
    auto problems = problems_of(loaded);
    {
        const std::lock_guard hold(loop_->lock);
        loop_->new_channels = std::move(loaded);
    }
    loop_->http.wake();
    return problems;
}

void Courier::submit(SendOrder order) {
    std::vector<SendOrder> one;
    one.push_back(std::move(order));
    submit(std::move(one));
}

void Courier::submit(std::vector<SendOrder> orders) {
    const auto now = Loop::Clock::now();
    std::vector<std::pair<SendOrder, const char*>> refused;
    {
        const std::lock_guard hold(loop_->lock);
        for (auto& order : orders) {
            ++loop_->stats.submitted;
            const char* refusal = loop_->stopping                                   ? "surged is stopping"
                                  : loop_->stats.queued >= loop_->options.queue_max ? "courier queue full"
                                                                                    : nullptr;
            if (refusal == nullptr) {
                ++loop_->stats.queued;
                loop_->inbox.push_back(Waiting{std::move(order), now});
            } else {
                ++loop_->stats.refused;
                refused.emplace_back(std::move(order), refusal);
            }
        }
    }
    if (refused.size() < orders.size()) {
        loop_->http.wake();
    }
    if (loop_->options.on_outcome) {
        for (const auto& [order, refusal] : refused) {
            loop_->options.on_outcome(outcome_for(order, OutcomeClass::retry, refusal), SendTiming{now, {}, Loop::Clock::now()});
        }
    }
}

void Courier::make_ready(std::vector<SendOrder> orders) {
    {
        const std::lock_guard hold(loop_->lock);
        const auto room = ready_max - std::min(loop_->coming.size(), ready_max);
        orders.resize(std::min(orders.size(), room));
        std::ranges::move(orders, std::back_inserter(loop_->coming));
    }
    loop_->http.wake();
}

void Courier::expect(std::set<std::string> channels) {
    {
        const std::lock_guard hold(loop_->lock);
        loop_->new_expected = std::move(channels);
    }
    loop_->http.wake();
}

void Courier::soon() {
    {
        const std::lock_guard hold(loop_->lock);
        loop_->page_soon = true;
    }
    loop_->http.wake();
}

CourierStats Courier::stats() const {
    const std::lock_guard hold(loop_->lock);
    return loop_->stats;
}

std::size_t Courier::stop(milliseconds within) {
    {
        const std::lock_guard hold(loop_->lock);
        if (!loop_->stopping) {
            loop_->stopping = true;
            loop_->stop_at = Loop::Clock::now() + within;
        }
    }
    loop_->http.wake();
    if (loop_->thread.joinable()) {
        loop_->thread.join();
    }
    return loop_->cut_off;
}

std::vector<ChannelProblem> check_channels(const std::vector<ChannelSpec>& channels, const std::string& base_dir,
                                           const std::string& credentials_dir) {
    return problems_of(load_all(channels, {base_dir, credentials_dir, {}}));
}

}  // namespace surged
