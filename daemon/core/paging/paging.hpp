// Paging: how a message leaves and what becomes of it. want() makes a page, dispatch() lets it go when it may, outcome() and
// receipt() hear what became of it, cancel() takes back what has not left.
//
// The functions decide over the outbox and write every decision as a record, which is applied at once. They know nothing of
// incidents: whether a page should still be sent, and what it says, they ask its PageSubject.
//
// Hardest rule: no attempt relies on what was true when the page was made. Each asks again whether it still is.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/paging/outbox.hpp"
#include "core/paging/text.hpp"
#include "core/record/order.hpp"
#include "core/team/plan_index.hpp"

namespace surged {

/// What paging asks back about the incident of a page. The one arrow from here to who is wanted; implemented there.
class PageSubject {
public:
    /// What holds for a page by its incident's policy.
    struct Terms {
        RateLimit person_max;       ///< pages to one person by personal channels; count 0 = no cap
        bool uncapped = false;      ///< the cap does not hold this page back
        Level level = Level::none;  ///< of the incident
        Span patience{60000};       ///< how long it may take from now on, when its own time went by while surged was down
    };
    virtual Terms terms(const std::string& key, const Page& page) const = 0;
    /// Why the page should not be sent any more; empty when it should. `still`: those of its people whom it still concerns, in
    /// order.
    virtual std::string untrue(const std::string& key, const Page& page, std::vector<std::string>& still) const = 0;
    /// Whether everybody in this page has another contact method, used at once when this one has failed.
    virtual bool other_way(const Page& page) const = 0;
    /// What a message says, as it is now.
    virtual PageFacts facts(const std::string& key, const Page& page, const std::vector<std::string>& people,
                            Language language) const = 0;
    /// Fills in what an order says of its incident.
    virtual void describe(const std::string& key, const Page& page, SendOrder& order) const = 0;
    /// Makes further pages to the one person of this page, of other incidents that call them by this channel. Returns their keys.
    virtual std::vector<std::string> call_with(const Page& page) = 0;
    /// The other incidents a message tells of: `riders` (incident -> its page that rides), and what else calls its one person.
    virtual std::vector<AlsoCalled> also_called(const Page& page, std::map<std::string, std::string> riders) const = 0;
    /// Adds a line to the timeline of the page's incident.
    virtual void note(const Page& page, std::string text) = 0;
    /// Writes a decision down: the record changes the state at once.
    virtual void emit(RecordBody body) = 0;

protected:
    ~PageSubject() = default;
};

/// One step of paging: what the functions below work with.
struct PageStep {
    Outbox& box;
    const PlanIndex& index;
    Stamp now;
    EngineTime arrived;  ///< of the message that caused the step
    PageSubject& subject;
    std::vector<SendOrder>& orders;
    mutable TextMemo texts{};

    void emit(RecordBody body) { subject.emit(std::move(body)); }
    void emit(const std::string& key, PageState state, std::string reason = {}) {
        subject.emit(page_change(box, key, state, std::move(reason)));
    }
    void note(std::string what, std::string detail) { subject.emit(SystemNote{std::move(what), std::move(detail)}); }
};

/// The courier's own time limit and this much more: then the outcome is lost.
inline constexpr Span outcome_grace{5000};
/// Repeats of one page of whose attempts nobody knows what became: then the next contact method is tried.
inline constexpr int repeats_max = 3;
inline constexpr std::size_t riders_max = 50;  ///< incidents in one message; the rest go in the next

namespace paging {

/// A page that somebody wants made.
struct Wish {
    std::string incident;
    std::uint64_t ordinal = 1;  ///< of the page among those of its incident
    /// Pages of the incident that have not ended: what waits among them for the same purpose is merged into it. Null = it has none.
    const std::set<std::string>* live = nullptr;
    std::vector<std::string> people;
    std::string channel;
    PagePurpose purpose = PagePurpose::first;
    int tier = 0;
    EngineTime deadline{};
};
/// Makes one page. What waits on the same channel for the same purpose and has not left yet is merged into it.
void want(PageStep& step, const Wish& wish);

/// Cancels those of `pages` that have not left and pass `which`. Returns whether there was any.
bool cancel(PageStep& step, const std::set<std::string>& pages, const std::string& reason,
            const std::function<bool(const Page&)>& which);
/// The same of the incident's pages to this person alone; `live`: its pages that have not ended.
bool cancel_of(PageStep& step, const std::set<std::string>& live, const std::string& incident, const std::string& person, const std::string& reason,
               const std::function<bool(const Page&)>& which);

/// Looks at every page that is due. Returns whether there was any.
bool dispatch(PageStep& step);

/// What became of an attempt. Returns the channel that was down and has taken a message; nullopt = none.
std::optional<std::string> outcome(PageStep& step, const SendOutcome& outcome);

/// What a provider says became of a message it had accepted.
void receipt(PageStep& step, const DeliveryReceipt& receipt);

/// After a restart: what became of attempts that were under way is unknown, and what went overdue has its time anew.
void recover(PageStep& step);

// within the room

/// A page that leaves with a message, and whom it still concerns.
struct Departure {
    std::string page;
    std::vector<std::string> people;
};
/// May share a message with pages of other incidents (coalesce.cpp).
bool may_ride(PagePurpose purpose);
/// The pages that leave with this one, itself first. `crowded`: no further message may leave by this channel now.
std::vector<Departure> departures(const PageStep& step, const std::string& key, std::vector<std::string> people, bool crowded);
/// One message leaves: the first of these carries, the others ride.
void send(PageStep& step, const std::vector<Departure>& leaving);
/// When this page's person has room for one more (dispatch.cpp).
EngineTime person_slot(const PageStep& step, const std::string& key, const Page& page);
SendOrder make_order(const PageStep& step, const std::string& key, const Page& page, const std::vector<std::string>& people,
                     std::vector<AlsoCalled> also);
/// Nobody knows whether the attempt arrived. `once`: a page that is a repeat already is not sent a third time (outcome.cpp).
void unknown_outcome(PageStep& step, const std::string& key, const std::string& why, bool once);
/// The change of a page that its provider took (receipts.cpp).
PageChange accepted(const PageStep& step, const std::string& key, const SendOutcome& outcome);
/// The time for receipts is over.
void receipts_missing(PageStep& step, const std::string& key);

}  // namespace paging

}  // namespace surged
