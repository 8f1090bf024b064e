namespace Orchestrator.AmazonSqs;

/// <summary>How a message leaves that was not settled.</summary>
internal enum FaultDecision
{
    /// <summary>Its lease is gone: there is nothing left to say to SQS.</summary>
    LetGo,

    /// <summary>It has not run, or was stopped: others shall have it at once.</summary>
    HandBack,

    /// <summary>It failed: it comes again after a pause, a longer one each time.</summary>
    BackOff,
}

/// <summary>Decides how a message leaves whose work did not end well.</summary>
internal static class AfterFault
{
    public static FaultDecision Decide(bool isLost, bool isCancelled, bool isStopping) => (isLost, isCancelled, isStopping) switch
    {
        (true, _, _) => FaultDecision.LetGo,
        (_, true, true) => FaultDecision.HandBack,
        _ => FaultDecision.BackOff,
    };

    /// <summary>2, 4, 8 … seconds by receive count, up to the most: a fault that lasts must not spend maxReceiveCount in seconds.</summary>
    public static int BackoffSeconds(int receiveCount, TimeSpan most) =>
        (int)Math.Min(Math.Pow(2, Math.Clamp(receiveCount, 1, 30)), most.TotalSeconds);
}
