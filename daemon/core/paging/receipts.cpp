// Delivery receipts of messages a provider had accepted. A page of a channel that promises receipts does not end when it is
// accepted: it waits for a receipt for every person in it. "Never delivered" and no receipt in time count as a failed attempt, so
// that the next contact method is tried. A receipt that comes too late is noted in the timeline and changes nothing; doubled and
// unknown ones are counted.
#include "core/base/phone_number.hpp"
#include "core/base/ranges.hpp"
#include "core/base/text.hpp"
#include "core/paging/paging.hpp"

namespace surged::paging {

namespace {

constexpr std::size_t code_max = 64;

/// The people of a page for whom no receipt has come.
std::vector<std::string> without_word(const PageChange& page) {
    std::vector<std::string> out;
    for (const auto& person : page.people) {
        if (!contains(page.received, person) && !contains(page.lost, person)) {
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

/// The people of this message who have this number. A message to one person needs no number: the receipt is theirs.
std::vector<std::string> people_of(const PageStep& step, const std::set<std::string>& pages, const std::string& number) {
    std::vector<std::string> all;
    std::vector<std::string> out;
    const auto wanted = national_number(number);
    for (const auto& key : pages) {
        const auto& page = step.box.pages.at(key);
        for (const auto& id : page.people) {
            const auto* person = contains(all, id) ? nullptr : step.index.person(id);
            all.insert(all.end(), contains(all, id) ? 0U : 1U, id);
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

void end_wait(PageStep& step, PageChange c) {
    const auto channel = c.channel;
    const bool was = step.box.channel(channel).doubtful();
    step.emit(std::move(c));
    const bool is = step.box.channel(channel).doubtful();
    if (was != is) {
        step.note(is ? "receipts_missing" : "receipts_back", is ? channel + ": none came for " +
                                                                      std::to_string(receipts_missed_max) +
                                                                      " pages in a row; other ways do not wait for it"
                                                                : channel);
    }
}

/// False: the receipt is not news to this page.
bool word_came(PageStep& step, const std::string& key, const DeliveryReceipt& r, const std::vector<std::string>& whose) {
    auto c = page_change(step.box, key, PageState::accepted, step.box.pages.at(key).reason);
    const auto open = without_word(c);
    std::vector<std::string> told;
    std::ranges::copy_if(open, std::back_inserter(told), [&](const std::string& p) { return contains(whose, p); });
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
        end_wait(step, std::move(c));
    } else {
        step.emit(std::move(c));
    }
    return true;
}

/// False: the page is delivered, or it was told before.
bool late_receipt(PageStep& step, const std::string& key, const DeliveryReceipt& r, const std::vector<std::string>& whose) {
    auto& page = step.box.pages.at(key);
    std::vector<std::string> told;
    for (const auto& person : page.people) {
        if (contains(whose, person) && page.state != PageState::delivered && !contains(page.received, person) &&
            !contains(page.lost, person) && !contains(page.late, person)) {
            told.push_back(person);
        }
    }
    if (told.empty()) {
        return false;
    }
    page.late.insert(page.late.end(), told.begin(), told.end());
    const auto what = r.delivered ? std::string(" was delivered") : " was not delivered: " + r.code.substr(0, code_max);
    step.subject.note(page, "late receipt: " + key + " to " + joined(told) + what);
    return true;
}

}  // namespace

/// The change of a page that its provider took.
PageChange accepted(const PageStep& step, const std::string& key, const SendOutcome& o) {
    auto c = page_change(step.box, key, PageState::accepted, o.detail.substr(0, 500));
    const auto* spec = step.index.channel(c.channel);
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
    c.due = step.now.at + spec->receipt_within;
    return c;
}

/// One message may have been several pages, of several incidents: the receipt is about each of them.
void receipt(PageStep& step, const DeliveryReceipt& r) {
    auto& counts = step.box.receipts[r.channel];
    const auto known = step.box.messages.find({r.channel, r.message});
    const auto pages = known == step.box.messages.end() ? std::set<std::string>{} : known->second;
    const auto whose = people_of(step, pages, r.number);
    bool news = false;
    bool late = false;
    for (const auto& key : pages) {
        if (step.box.pages.count(key) > 0 && awaits_receipt(step.box.pages.at(key))) {
            news = word_came(step, key, r, whose) || news;
        } else if (step.box.pages.count(key) > 0) {
            late = late_receipt(step, key, r, whose) || late;
        }
    }
    const auto* what = news && r.delivered ? "delivered"
                       : news              ? "failed"
                       : late              ? "late"
                       : whose.empty()     ? "unknown"
                                           : "duplicate";
    ++counts[what];
}

/// The time for receipts is over.
void receipts_missing(PageStep& step, const std::string& key) {
    auto c = page_change(step.box, key, PageState::failed_perm);
    const auto silent = without_word(c);
    const auto* spec = step.index.channel(c.channel);
    c.reason = "no delivery receipt" + (spec != nullptr ? " within " + format_span(spec->receipt_within) : std::string()) +
               (c.people.size() > 1 ? " from " + joined(silent) : std::string());
    ++step.box.receipts[c.channel]["missing"];
    end_wait(step, std::move(c));
}

}  // namespace surged::paging
