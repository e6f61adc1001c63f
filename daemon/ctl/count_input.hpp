// A csv of `timestamp,count` as the recording of one queue: what its column means, and its rows as messages.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "config/zones.hpp"
#include "core/base/result.hpp"
#include "core/team/plan.hpp"
#include "ctl/count_messages.hpp"

namespace surged {

class CliCommand;

/// Words of the command line.
struct CountColumn {
    std::string queue;
    std::string channel{voice_channel};
    std::string metric = "offered";
    std::string interval;  ///< "5m"; empty = the commonest step of the file
    std::string zone;      ///< of the file's times; empty = the configuration's
    CsvOptions csv;

    /// --queue, --channel, --metric, --interval, --zone, and those of add_csv_options()
    void add_options(CliCommand command);
};

/// --column, --time-column, --queue-column, --date-format, --decimal, --separator. `out` outlives the parsing.
void add_csv_options(CliCommand command, CsvOptions& out);

/// What a person should know of a file that was read: notes, the first bad lines, how many more there are. On stderr.
void tell_about(const std::string& path, const CountFile& file);

class CountInput {
public:
    /// Reads the whole file; what is wrong with a row is told on stderr and costs that row.
    static Result<CountInput> read(const std::string& path, const std::string& centre, const CountColumn& column,
                                   const Plan& plan);

    void each(const std::function<bool(const Message&)>& each) const;
    /// A feeder that sends once in an interval is not silent in between.
    std::unique_ptr<const Plan> patient(const Plan& plan) const;

private:
    CountFile file_;
    CountMessageOptions options_;
    Zone zone_;
};

}  // namespace surged
