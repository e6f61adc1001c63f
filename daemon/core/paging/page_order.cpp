// The order of one message: whom it goes to, and what it says, as it is at this moment.
#include <algorithm>

#include "core/base/ranges.hpp"
#include "core/paging/paging.hpp"

namespace surged::paging {

SendOrder make_order(const PageStep& step, const std::string& key, const Page& page, const std::vector<std::string>& people,
                     std::vector<AlsoCalled> also) {
    const auto* spec = step.index.channel(page.channel);
    SendOrder o;
    o.page = key;
    o.attempt = page.attempt;
    o.channel = page.channel;
    o.purpose = page.purpose;
    o.repeat = page.repeat;
    o.language = language_for(step.index, spec, page.people);
    o.timeout = spec->timeout;
    o.tier = page.tier;
    o.wall = step.now.wall;
    o.decided = step.now.at;
    o.arrived = step.arrived;
    for (const auto& id : people) {
        const auto* person = step.index.person(id);
        const auto address = person->address.find(page.channel);
        o.people.push_back({id, person->name, person->mobile, person->email,
                            address == person->address.end() ? std::string() : address->second});
    }
    std::vector<std::string> own;
    std::ranges::copy_if(people, std::back_inserter(own),
                 [&](const std::string& id) { return contains(page.people, id); });
    auto facts = step.subject.facts(key, page, own, o.language);
    for (const auto& other : also) {
        facts.also.push_back({other.place, other.incident, other.level, std::max(0, other.need - other.joined), {}});
        const auto rides = step.box.pages.find(other.page);
        for (const auto& id : rides == step.box.pages.end() ? std::vector<std::string>{} : rides->second.people) {
            facts.also.back().people.push_back(name_of(step.index, id));
        }
    }
    o.also = std::move(also);
    const auto& text = step.texts.render(facts, o.language, spec->text_limit);
    o.title = text.title;
    o.text = text.text;
    step.subject.describe(key, page, o);
    return o;
}

}  // namespace surged::paging
