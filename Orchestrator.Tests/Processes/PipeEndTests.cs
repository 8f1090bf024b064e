using System.Diagnostics;
using System.IO.Pipes;
using System.Text;
using Orchestrator.Service.Processes;

namespace Orchestrator.Tests.Processes;

/// <summary>What a command printed is read whole, also when the machine stalled until the patience with its pipe was over.</summary>
[Trait("Requirement", "RUN-3")]
public sealed class PipeEndTests
{
    private static readonly CancellationToken Ended = new(canceled: true);
    private readonly StringBuilder _taken = new();

    [Fact]
    public async Task What_lies_in_the_pipe_is_taken_when_nothing_more_is_waited_for()
    {
        await using var command = new AnonymousPipeServerStream(PipeDirection.Out);
        await using var end = new AnonymousPipeClientStream(PipeDirection.In, command.ClientSafePipeHandle);
        await command.WriteAsync("3 passed in 0.10s"u8.ToArray());

        await PipeEnd.ReadAsync(new StreamReader(end), Take, Ended); // the other end is held still

        Assert.Equal("3 passed in 0.10s", _taken.ToString());
    }

    [Fact]
    public async Task Without_an_end_of_patience_all_is_read_until_nobody_holds_the_pipe()
    {
        using var command = Process.Start(new ProcessStartInfo("sh", ["-c", "printf first; (sleep 0.3; printf last) &"]) { RedirectStandardOutput = true })!;

        await PipeEnd.ReadAsync(command.StandardOutput, Take, CancellationToken.None);

        Assert.Equal("firstlast", _taken.ToString());
    }

    [Fact]
    public async Task Who_goes_on_printing_is_not_listened_to_for_ever()
    {
        const int Enough = 8 << 20;
        await using var endless = new AnonymousPipeServerStream(PipeDirection.Out);
        await using var end = new AnonymousPipeClientStream(PipeDirection.In, endless.ClientSafePipeHandle);
        endless.Write(new byte[1000]);

        await PipeEnd.ReadAsync(
            new StreamReader(end),
            printed =>
            {
                Take(printed);
                if (_taken.Length < Enough)
                    endless.Write(printed.Span); // as much again, before the next look
            },
            Ended);

        Assert.InRange(_taken.Length, 1000, Enough - 1);
    }

    private void Take(ReadOnlyMemory<byte> printed) => _taken.Append(Encoding.ASCII.GetString(printed.Span));
}
