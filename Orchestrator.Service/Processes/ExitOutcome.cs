using System.Text.Json;
using Orchestrator.Service.Classify;
using Orchestrator.Service.Lifecycle;
using Orchestrator.Service.Run;

namespace Orchestrator.Service.Processes;

/// <summary>What an external process came to, classified on the host that has its log; travels as JSON with the evidence.</summary>
/// <param name="ExitCode">Its exit code, 128 + n for a signal.</param>
/// <param name="Failure">Null if it ended well.</param>
/// <param name="Reason">For people: the rule that decided and what it read, keys masked.</param>
/// <param name="RetryAfter">The wait that the log states.</param>
internal sealed record ExitOutcome(int? ExitCode, FailureClass? Failure, string Reason, TimeSpan? RetryAfter)
{
    public bool EndedWell => Failure is null;

    public static ExitOutcome Read(string json) => JsonSerializer.Deserialize<ExitOutcome>(json, JobRun.Json)!;

    public string Write() => JsonSerializer.Serialize(this, JobRun.Json);

    /// <param name="exitCode">Null if it was ended by us after its result.</param>
    /// <param name="log">Its log; as if empty where there is none.</param>
    /// <param name="now">The time, in the zone of this machine: logs often name a time of day.</param>
    public static ExitOutcome Of(int? exitCode, string log, DateTimeOffset now)
    {
        Classification found;
        try
        {
            using var file = RegularFile.Open(log);
            found = Classifier.Classify(exitCode, file, now);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            found = Classifier.Classify(exitCode, ReadOnlySpan<byte>.Empty, now);
        }

        FailureClass? failure = (found.Class, found.Scope) switch
        {
            (OutcomeClass.Success, _) => null,
            (OutcomeClass.RateLimited, _) => FailureClass.RateLimited,
            (OutcomeClass.Transient, _) => FailureClass.Transient,
            (_, FailureScope.Environment) => FailureClass.Environment,
            (_, FailureScope.Account) => FailureClass.Account,
            _ => FailureClass.Work,
        };
        var reason = found.Evidence.Length == 0 ? $"exit code {exitCode} ({found.Rule})" : $"{found.Evidence} ({found.Rule})";
        return new ExitOutcome(exitCode, failure, reason, found.RetryAfter ?? (failure == FailureClass.RateLimited ? found.Backoff : null));
    }

    public JobOutcome ToOutcome() => Failure switch
    {
        null => JobOutcome.Done(new { exitCode = ExitCode }),
        FailureClass.RateLimited => JobOutcome.RateLimited(Reason, RetryAfter),
        FailureClass.Transient => JobOutcome.Transient(Reason, RetryAfter),
        FailureClass.Environment => JobOutcome.EnvironmentFault(Reason),
        FailureClass.Account => JobOutcome.AccountFault(Reason),
        _ => JobOutcome.Retry(Reason),
    };
}
