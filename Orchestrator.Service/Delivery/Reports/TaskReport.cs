using System.Text.Json.Serialization;
using Orchestrator.Service.Delivery.Tasks;

namespace Orchestrator.Service.Delivery.Reports;

/// <summary>Who is told.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ReportTo>))]
internal enum ReportTo
{
    Forge,
    Tracker,
}

/// <summary>What happened to a task, as far as others are told.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ReportKind>))]
internal enum ReportKind
{
    Begun,
    Advanced,
    SentBack,

    /// <summary>Its stage begins anew, because a person or what it lacked lets it.</summary>
    Retried,
    Held,
    WentOn,
    Done,
    Failed,
    Cancelled,
}

/// <summary>The payload of a report's job: what a transition of a task causes at forge or tracker.</summary>
/// <param name="To">Who is told.</param>
/// <param name="Task">The task.</param>
/// <param name="Step">Its step after the transition.</param>
/// <param name="Stage">Its stage after the transition.</param>
/// <param name="What">The transition.</param>
/// <param name="Line">The line of the task's timeline that tells of it; why stands there, and is no longer than that line.</param>
/// <param name="Head">The branch's head at the transition, if the branch has work; full hash. For the forge only.</param>
/// <param name="LeftStep">The step that ended with it; null where none did.</param>
/// <param name="LeftStage">Its stage.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record TaskReport(ReportTo To, Guid Task, long Step, string Stage, ReportKind What, long Line, string? Head = null, long? LeftStep = null, string? LeftStage = null)
{
    /// <summary>Null for what is nobody's business outside: waits, pauses.</summary>
    public static ReportKind? KindOf(object happened) => happened switch
    {
        Opened => ReportKind.Begun,
        Advanced => ReportKind.Advanced,
        SentBack => ReportKind.SentBack,
        StageRetried => ReportKind.Retried,
        HeldUp => ReportKind.Held,
        WentOn => ReportKind.WentOn,
        Completed => ReportKind.Done,
        GaveUp => ReportKind.Failed,
        TaskCancelAsked => ReportKind.Cancelled,
        _ => null,
    };
}
