namespace Orchestrator.Local.Wire;

/// <summary>What goes wrong with a request on its way to the emulator and back.</summary>
public abstract record WireFault
{
    /// <summary>The request waits before it is forwarded.</summary>
    public sealed record Delay(TimeSpan Time) : WireFault;

    /// <summary>The request is answered with an HTTP status and never reaches the emulator.</summary>
    public sealed record Status(int Code, string Body = "<html>no service</html>", string ContentType = "text/html") : WireFault;

    /// <summary>The request is refused as SQS refuses it, with an error code such as "RequestThrottled".</summary>
    public sealed record Refuse(string Code, string Message = "refused by the wire", int HttpStatus = 400) : WireFault;

    /// <summary>The connection breaks before the request reaches the emulator.</summary>
    public sealed record Cut : WireFault;

    /// <summary>The emulator carries the request out, but its answer is lost.</summary>
    public sealed record LoseResponse : WireFault;

    /// <summary>Entries of a batch are reported as failed without reaching the emulator: all, or those at the given positions.</summary>
    public sealed record FailEntries(string Code, string Message = "failed by the wire", bool SenderFault = false, IReadOnlyList<int>? Positions = null) : WireFault;

    /// <summary>What a receive brings is brought once more by the next receive, as SQS does now and then.</summary>
    public sealed record Duplicate : WireFault;

    /// <summary>The request is answered with the JSON that the script makes of it; where that is null, it is forwarded.</summary>
    public sealed record Script(Func<WireRequest, string?> Answer) : WireFault;
}

/// <summary>One request as the wire saw it.</summary>
/// <param name="Action">For example "ReceiveMessage" or "PublishBatch".</param>
/// <param name="Body">JSON for SQS, a form for SNS.</param>
/// <param name="AccessKey">Whose signature it carries.</param>
public sealed record WireRequest(string Action, string Body, DateTimeOffset At, string AccessKey);
