using System.Text.Json;
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
