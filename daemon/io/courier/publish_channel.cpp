// The PUB socket as a channel: a step of the playbook as JSON on the topic action.<id>, for voice menus and routing. The channel
// is there without being configured. Published is what the socket took: nobody confirms, so a subscriber that was away has missed
// it, and one that sees a key twice has seen a repeat.
#include "io/courier/channel.hpp"
#include "wire/order_json.hpp"

namespace surged {
namespace {

class Publish final : public ChannelType {
public:
    void load(LoadedChannel&, const LoadContext&) const override {}

    Request build(const SendOrder& order, const LoadedChannel&, std::int64_t) const override {
        if (order.action.empty()) {
            return NoRequest{{OutcomeClass::reject, Span{0}, "only actions are published", Span{0}}};
        }
        return PublishRequest{"action." + order.action, encode(order)};
    }
};

}  // namespace

const ChannelType& publish_channel_type() {
    static const Publish type;
    return type;
}

}  // namespace surged
