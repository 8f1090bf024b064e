namespace Orchestrator.Local;

/// <summary>A part of the local environment can't be started; the message says which, why, and what to do about it.</summary>
public sealed class CannotStartException(string message) : Exception(message);
