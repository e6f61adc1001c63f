#include "channels/incident_text.hpp"

#include "channels/message_text.hpp"

namespace surged {

std::string incident_key(const PageInput& in) {
    const auto& order = in.order;
    return cut_bytes(outgoing_key(in.channel, setting(in.channel.spec, "site") + "/" +
                                                  (order.incident.empty() ? order.page : order.policy + "/" + order.incident)),
                     255);
}

bool ends_incident(const SendOrder& order) {
    return order.purpose == PagePurpose::close;
}

std::string summary_of(const SendOrder& order) {
    return cut_bytes(clean_text(order.text, 1000), 1024);
}

}  // namespace surged
