// Gives a page its link and its code, and tells who stands behind a link that was opened.
//
// It knows which channel is a group's; it refuses to decide anything. Hardest rule: a link in a group's chat never names a person.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/engine/engine.hpp"
#include "io/http/api.hpp"
#include "io/links/link_signer.hpp"

namespace surged {

class Links {
public:
    static constexpr Span life = std::chrono::hours{12};  ///< of a link, however long the incident lasts

    /// Without a signer no page has a link and no link opens.
    explicit Links(std::optional<LinkSigner> signer = {}) : signer_(std::move(signer)) {}

    /// Sets order.link when the plan has an `ack_url_base` and the page asks for an answer.
    void add(SendOrder& order, const Plan& plan) const;
    /// Appends the hint how to answer by message to the text, on a channel that takes replies.
    void add_code(SendOrder& order, const Plan& plan) const;
    /// What stands for this person in this incident; empty without a signer.
    std::string code(const std::string& incident, const std::string& person) const;
    bool code_fits(const std::string& incident, const std::string& person, const std::string& code) const;
    /// The incident of `token` for its page; see ApiBackend::link.
    ApiResult<LinkFacts> open(const std::string& token, const Engine& engine, Stamp now) const;

private:
    std::optional<LinkSigner> signer_;
};

/// "jinan/普席"; the policy when it has no scope.
std::string place_of(const IncidentView& incident);
/// Ended: answers do not count any more.
bool over(const IncidentView& incident);
/// The one person of this id or name whose mobile ends with these four digits. Full-width digits count as digits.
std::optional<std::string> person_by(const Plan& plan, const std::string& id_or_name, const std::string& last4);

/// Everybody of this id or name; when nobody is written just so, everybody whose id or name differs only in case, width or blanks.
std::vector<std::string> people_named(const Plan& plan, const std::string& id_or_name);

}  // namespace surged
