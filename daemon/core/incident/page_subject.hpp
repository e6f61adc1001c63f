// What the pages of incidents are about: the answer of this room to what paging asks back.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/paging/paging.hpp"

namespace surged {

struct Incident;

namespace incident {

struct Step;

class IncidentSubject final : public PageSubject {
public:
    explicit IncidentSubject(Step& step) : step_(step) {}

    Terms terms(const std::string& key, const Page& page) const override;
    std::string untrue(const std::string& key, const Page& page, std::vector<std::string>& still) const override;
    bool other_way(const Page& page) const override;
    PageFacts facts(const std::string& key, const Page& page, const std::vector<std::string>& people,
                    Language language) const override;
    void describe(const std::string& key, const Page& page, SendOrder& order) const override;
    std::vector<std::string> call_with(const Page& page) override;
    std::vector<AlsoCalled> also_called(const Page& page, std::map<std::string, std::string> riders) const override;
    void note(const Page& page, std::string text) override;
    void emit(RecordBody body) override;

private:
    std::string untrue_call(const Incident& inc, const Page& page, std::vector<std::string>& still) const;
    std::string untrue_action(const Incident& inc, const Page& page) const;

    Step& step_;
};

}  // namespace incident

}  // namespace surged
