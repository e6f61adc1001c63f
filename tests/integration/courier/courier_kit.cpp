#include "courier_kit.hpp"

#include <algorithm>

namespace surged::test {

SendOrder order_for(const std::string& page, const std::string& channel, milliseconds timeout) {
    SendOrder order;
    order.page = page;
    order.channel = channel;
    order.timeout = timeout;
    order.people.push_back(Recipient{"lead-01", "班组长一", "13800000000", "", ""});
    order.title = "surge";
    order.text = "济南 普席 话务量突增 +85 %";
    order.incident = "0-17";
    order.policy = "surge";
    order.scope = {{"centre", "jinan"}, {"group", "普席"}};
    order.level = Level::orange;
    order.tier = 1;
    order.need = 6;
    order.joined = 2;
    order.sequence = 3;
    return order;
}

ChannelSpec webhook_spec(const std::string& id, const std::string& url) {
    ChannelSpec spec;
    spec.id = id;
    spec.type = "webhook";
    spec.settings["url"] = url;
    return spec;
}

ChannelSpec exec_spec(const std::string& id, std::vector<std::string> command) {
    ChannelSpec spec;
    spec.id = id;
    spec.type = "exec";
    spec.command = std::move(command);
    return spec;
}

CourierKit::CourierKit(CourierOptions options) {
    options.on_outcome = [this](SendOutcome outcome, SendTiming timing) {
        const std::lock_guard hold(lock_);
        landed_.push_back({std::move(outcome), timing});
        changed_.notify_all();
    };
    courier_ = std::make_unique<Courier>(std::move(options));
}

std::vector<ChannelProblem> CourierKit::configure(std::vector<ChannelSpec> channels, const std::string& base_dir) {
    return courier_->configure(channels, base_dir);
}

Landed CourierKit::send(const SendOrder& order) {
    const std::size_t before = count();
    submit(order);
    const auto all = wait(before + 1);
    const auto at = std::find_if(all.rbegin(), all.rend(), [&](const Landed& l) { return l.outcome.page == order.page; });
    REQUIRE(at != all.rend());
    return *at;
}

std::vector<Landed> CourierKit::wait(std::size_t count) {
    std::unique_lock hold(lock_);
    const bool came = changed_.wait_for(hold, patience, [&] { return landed_.size() >= count; });
    INFO(landed_.size() << " outcomes of " << count);
    REQUIRE(came);
    return landed_;
}

std::size_t CourierKit::count() const {
    const std::lock_guard hold(lock_);
    return landed_.size();
}

}  // namespace surged::test
