// What providers say became of messages they had accepted. A page of a channel that promises receipts has not ended when it is
// accepted: it waits for word of every person in it. "Never delivered" and no word in time are a way that failed, so that the
// next is tried. What comes later is told in the timeline and changes nothing; what comes twice, or for nobody, is counted.
#include "core/base/phone_number.hpp"
#include "core/base/text.hpp"
#include "core/escalation/decider.hpp"

namespace surged {

namespace {

constexpr std::size_t code_max = 64;

bool among(const std::vector<std::string>& people, const std::string& person) {
    return std::find(people.begin(), people.end(), person) != people.end();
}

/// Those of a page without word so far.
std::vector<std::string> without_word(const PageChange& page) {
    std::vector<std::string> out;
    for (const auto& person : page.people) {
        if (!among(page.received, person) && !among(page.lost, person)) {
            out.push_back(person);
        }
    }
    return out;
}

std::string joined(const std::vector<std::string>& people) {
    std::string out;
    for (const auto& person : people) {
        out += (out.empty() ? "" : ", ") + person;
    }
    return out;
}

}  // namespace

/// The change of a page that its provider took.
PageChange Decider::accepted(const SendOutcome& o) const {
    auto c = page_change(o.page, PageState::accepted, o.detail.substr(0, 500));
    const auto* spec = index_.channel(c.channel);
    c.message.clear();
    c.received.clear();
    c.lost.clear();
    if (spec == nullptr || spec->receipt_within <= Span{0} || is_action(c.purpose)) {
        return c;
    }
    if (o.message.empty()) {
        c.reason += "; without an id of the message there will be no receipt";
        return c;
    }
    c.message = o.message;
    c.due = now_.at + spec->receipt_within;
    return c;
}

/// Whose number it is, of the people of this page. Who is alone in it needs no number: the message was theirs.
std::vector<std::string> Decider::people_of(const Page& page, const std::string& number) const {
    if (page.people.size() == 1) {
        return page.people;
    }
    std::vector<std::string> out;
    const auto wanted = national_number(number);
    for (const auto& id : page.people) {
        const auto* person = wanted.empty() ? nullptr : index_.person(id);
        const auto address = person == nullptr ? decltype(person->address)::const_iterator{} : person->address.find(page.channel);
        if (person != nullptr && national_number(address != person->address.end() ? address->second : person->mobile) == wanted) {
            out.push_back(id);
        }
    }
    return out;
}

void Decider::receipt(const DeliveryReceipt& r) {
    auto& counts = s_.receipts[r.channel];
    const auto known = s_.messages.find({r.channel, r.message});
    if (known == s_.messages.end()) {
        ++counts["unknown"];
        return;
    }
    const auto key = known->second;
    const auto& page = s_.pages.at(key);
    if (!awaits_receipt(page)) {
        late_receipt(key, r);
        return;
    }
    auto c = page_change(key, PageState::accepted, page.reason);
    const auto whose = people_of(page, r.number);
    const auto open = without_word(c);
    std::vector<std::string> told;
    std::copy_if(whose.begin(), whose.end(), std::back_inserter(told), [&](const std::string& p) { return among(open, p); });
    if (told.empty()) {
        ++counts[whose.empty() ? "unknown" : "duplicate"];
        return;
    }
    ++counts[r.delivered ? "delivered" : "failed"];
    auto& side = r.delivered ? c.received : c.lost;
    side.insert(side.end(), told.begin(), told.end());
    const auto code = r.code.substr(0, code_max);
    if (!r.delivered) {
        c.reason = "not delivered" + (page.people.size() > 1 ? " to " + joined(told) : std::string()) + ": " + code;
    }
    if (told.size() == open.size()) {
        c.state = c.lost.empty() ? PageState::delivered : PageState::failed_perm;
        c.reason = c.lost.empty() ? code : c.reason;
        end_wait(std::move(c));
    } else {
        emit(std::move(c));
    }
}

void Decider::late_receipt(const std::string& key, const DeliveryReceipt& r) {
    auto& page = s_.pages.at(key);
    auto& counts = s_.receipts[r.channel];
    std::vector<std::string> told;
    const auto whose = people_of(page, r.number);
    for (const auto& person : whose) {
        if (page.state != PageState::delivered && !among(page.received, person) && !among(page.lost, person) &&
            !among(page.late, person)) {
            told.push_back(person);
        }
    }
    if (told.empty()) {
        ++counts[whose.empty() ? "unknown" : "duplicate"];
        return;
    }
    ++counts["late"];
    page.late.insert(page.late.end(), told.begin(), told.end());
    if (const auto* inc = s_.incident(page.incident)) {
        const auto what = r.delivered ? std::string(" was delivered") : " was not delivered: " + r.code.substr(0, code_max);
        emit(change(*inc, IncidentStep::note, "late receipt: " + key + " to " + joined(told) + what));
    }
}

/// The time for receipts is over.
void Decider::receipts_missing(const std::string& key) {
    auto c = page_change(key, PageState::failed_perm);
    const auto silent = without_word(c);
    const auto* spec = index_.channel(c.channel);
    c.reason = "no delivery receipt" + (spec != nullptr ? " within " + format_span(spec->receipt_within) : std::string()) +
               (c.people.size() > 1 ? " from " + joined(silent) : std::string());
    ++s_.receipts[c.channel]["missing"];
    end_wait(std::move(c));
}

void Decider::end_wait(PageChange c) {
    const auto channel = c.channel;
    const bool was = channel_now(channel).doubtful();
    emit(std::move(c));
    const bool is = channel_now(channel).doubtful();
    if (was != is) {
        note(is ? "receipts_missing" : "receipts_back", is ? channel + ": none came for " + std::to_string(receipts_missed_max) +
                                                                 " pages in a row; other ways do not wait for it"
                                                           : channel);
    }
}

}  // namespace surged
