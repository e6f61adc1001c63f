#include "config_text.hpp"

namespace surged::bench {

std::string channel_text(const std::string& id, const std::string& url, const std::string& more) {
    return "[[channel]]\nid = \"" + id + "\"\ntype = \"webhook\"\nurl = \"" + url + "\"\n" + more;
}

std::string person_text(const std::string& id, const std::string& channel) {
    return "[[person]]\nid = \"" + id + "\"\nname = \"" + id + "\"\nreach = { normal = [{ via = \"" + channel +
           "\" }] }\n[[roster]]\nid = \"" + id + "\"\nshift = [{ people = [\"" + id + "\"] }]\n";
}

std::string policy_text(const std::string& id, int need, const std::string& fallback, const std::vector<BenchTier>& tiers) {
    auto text = "[[policy]]\nid = \"" + id + "\"\nscope = [\"centre\"]\nneed = " + std::to_string(need) + "\nfallback = [\"" +
                fallback + "\"]\n";
    for (std::size_t i = 0; i < tiers.size(); ++i) {
        std::string rosters;
        for (const auto& person : tiers[i].people) {
            rosters += (rosters.empty() ? "\"" : ", \"") + person + "\"";
        }
        text += "[[policy.tier]]\nid = \"tier-" + std::to_string(i + 1) + "\"\nrosters = [" + rosters + "]\nwait = \"" +
                tiers[i].wait + "\"\n";
    }
    return text;
}

std::string breach_rule_text(const std::string& id, const std::string& policy, const std::string& scope) {
    return "[[rule]]\nid = \"" + id + "\"\nkind = \"threshold\"\nmetric = \"calls_waiting\"\nscope = { centre = \"tk*\"" + scope +
           " }\npolicy = \"" + policy + "\"\nyellow = { raise = \"> 1000\", clear = \"< 500\", raise_after = \"0s\" }\n";
}

std::string burst_config(const std::string& url, const std::string& more, int people) {
    std::string text = channel_text("sink", url, more);
    std::string shift;
    for (int i = 0; i < people; ++i) {
        const auto name = "lead-" + std::to_string(i);
        text += "[[person]]\nid = \"" + name + "\"\nname = \"" + name + "\"\nreach = { normal = [{ via = \"sink\" }] }\n";
        shift += (shift.empty() ? "\"" : ", \"") + name + "\"";
    }
    text += "[[roster]]\nid = \"region\"\nshift = [{ people = [" + shift + "] }]\n";
    return text + policy_text("page", people, "lead-0", {{{"region"}, "24h"}}) + breach_rule_text("page", "page");
}

}  // namespace surged::bench
