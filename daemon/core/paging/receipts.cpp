// What providers say became of messages they had accepted. A page of a channel that promises receipts has not ended when it is
// accepted: it waits for word of every person in it. "Never delivered" and no word in time are a way that failed, so that the
// next is tried. What comes later is told in the timeline and changes nothing; what comes twice, or for nobody, is counted.
#include "core/base/phone_number.hpp"
#include "core/base/text.hpp"
#include "core/incident/decider.hpp"

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
PageChange Decider::accepted(const std::string& key, const SendOutcome& o) const {
    auto c = page_change(key, PageState::accepted, o.detail.substr(0, 500));
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

/// Whose number it is, of the people whom this message went to. Who is alone in it needs no number: it was theirs.
std::vector<std::string> Decider::people_of(const std::set<std::string>& pages, const std::string& number) const {
    std::vector<std::string> all;
    std::vector<std::string> out;
    const auto wanted = national_number(number);
    for (const auto& key : pages) {
        const auto& page = s_.pages.at(key);
        for (const auto& id : page.people) {
            const auto* person = among(all, id) ? nullptr : index_.person(id);
            all.insert(all.end(), among(all, id) ? 0U : 1U, id);
            if (person == nullptr || wanted.empty()) {
                continue;
            }
            const auto address = person->address.find(page.channel);
            if (national_number(address != person->address.end() ? address->second : person->mobile) == wanted) {
                out.push_back(id);
            }
        }
    }
    return all.size() == 1 ? all : out;
}

/// One message may have been several pages, of several incidents: the word is about each of them.
void Decider::receipt(const DeliveryReceipt& r) {
    auto& counts = s_.receipts[r.channel];
    const auto known = s_.messages.find({r.channel, r.message});
    const auto pages = known == s_.messages.end() ? std::set<std::string>{} : known->second;
    const auto whose = people_of(pages, r.number);
    bool news = false;
    bool late = false;
    for (const auto& key : pages) {
        if (s_.pages.count(key) > 0 && awaits_receipt(s_.pages.at(key))) {
            news = word_came(key, r, whose) || news;
        } else if (s_.pages.count(key) > 0) {
            late = late_receipt(key, r, whose) || late;
        }
    }
    const auto* what = news && r.delivered ? "delivered"
                       : news              ? "failed"
                       : late              ? "late"
                       : whose.empty()     ? "unknown"
                                           : "duplicate";
    ++counts[what];
}

/// False: it says nothing that this page did not know.
bool Decider::word_came(const std::string& key, const DeliveryReceipt& r, const std::vector<std::string>& whose) {
    auto c = page_change(key, PageState::accepted, s_.pages.at(key).reason);
    const auto open = without_word(c);
    std::vector<std::string> told;
    std::copy_if(open.begin(), open.end(), std::back_inserter(told), [&](const std::string& p) { return among(whose, p); });
    if (told.empty()) {
        return false;
    }
    auto& side = r.delivered ? c.received : c.lost;
    side.insert(side.end(), told.begin(), told.end());
    const auto code = r.code.substr(0, code_max);
    if (!r.delivered) {
        c.reason = "not delivered" + (c.people.size() > 1 ? " to " + joined(told) : std::string()) + ": " + code;
    }
    if (told.size() == open.size()) {
        c.state = c.lost.empty() ? PageState::delivered : PageState::failed_perm;
        c.reason = c.lost.empty() ? code : c.reason;
        end_wait(std::move(c));
    } else {
        emit(std::move(c));
    }
    return true;
}

/// False: the page is delivered, or it was told before.
bool Decider::late_receipt(const std::string& key, const DeliveryReceipt& r, const std::vector<std::string>& whose) {
    auto& page = s_.pages.at(key);
    std::vector<std::string> told;
    for (const auto& person : page.people) {
        if (among(whose, person) && page.state != PageState::delivered && !among(page.received, person) &&
            !among(page.lost, person) && !among(page.late, person)) {
            told.push_back(person);
        }
    }
    if (told.empty()) {
        return false;
    }
    page.late.insert(page.late.end(), told.begin(), told.end());
    if (const auto* inc = s_.incident(page.incident)) {
        const auto what = r.delivered ? std::string(" was delivered") : " was not delivered: " + r.code.substr(0, code_max);
        emit(change(*inc, IncidentStep::note, "late receipt: " + key + " to " + joined(told) + what));
    }
    return true;
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
