// The PUB socket as a channel: a step of the playbook as JSON on the topic action.<id>, for voice menus and routing. The channel
// is there without being configured. Published is what the socket took: nobody confirms, so a subscriber that was away has missed
// it, and one that sees a key twice has seen a repeat.
#include "channels/channel_type.hpp"
#include "wire/order_json.hpp"

namespace surged {
namespace {

Request build_message(const PageInput& in) {
    if (in.order.action.empty()) {
        return refused("only actions are published");
    }
    return PublishRequest{"action." + in.order.action, encode(in.order)};
}

}  // namespace

const ChannelType& publish_type() {
    static constexpr ChannelType type{.name = "publish", .configured = false, .build = build_message};
    return type;
}

}  // namespace surged
