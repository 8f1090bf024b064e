using System.Net.Sockets;
using Npgsql;
using Orchestrator.Service.Finalize;

namespace Orchestrator.Tests.Engine;

public sealed class PersistentTests
{
    [Theory]
    [InlineData("57P01", true)] // the server shuts down
    [InlineData("57P02", true)] // it crashed
    [InlineData("57P03", true)] // it starts
    [InlineData("25P03", true)] // this process was stopped for too long inside a transaction
    [InlineData("40001", true)]
    [InlineData("40P01", true)]
    [InlineData("23514", false)] // a CHECK refused the row: it will again
    [InlineData("22P05", false)]
    [InlineData("42P01", false)]
    [Trait("Requirement", "PROT-6")]
    public void A_transaction_is_repeated_after_what_passes_and_not_after_a_refusal(string state, bool passing) =>
        Assert.Equal(passing, Persistent.IsPassing(new InvalidOperationException("wrapped", new PostgresException("", "FATAL", "FATAL", state))));

    [Fact]
    [Trait("Requirement", "PROT-6")]
    public void A_broken_connection_passes_and_a_bug_does_not()
    {
        Assert.True(Persistent.IsPassing(new NpgsqlException("", new IOException())));
        Assert.True(Persistent.IsPassing(new SocketException()));
        Assert.True(Persistent.IsPassing(new TimeoutException()));
        Assert.False(Persistent.IsPassing(new InvalidOperationException()));
    }
}
