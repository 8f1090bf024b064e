using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Orchestrator.Tests.Infrastructure;

/// <summary>A loopback port in front of another, whose connections can be cut in the middle of whatever they carry.</summary>
internal sealed class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<TcpClient, TcpClient> _pairs = new();
    private readonly ConcurrentDictionary<Task, byte> _carrying = new();
    private readonly CancellationTokenSource _end = new();
    private readonly int _behind;
    private readonly Task _accepting;

    public TcpProxy(int behind)
    {
        _behind = behind;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Resets those of the connections that are chosen; both ends see it at once.</summary>
    public int Cut(Func<bool> chosen)
    {
        var cut = 0;
        foreach (var (near, far) in _pairs.Where(_ => chosen()).ToList())
        {
            Reset(near);
            Reset(far);
            cut++;
        }

        return cut;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _accepting;
        _listener.Stop();
        Cut(() => true);
        await Task.WhenAll(_carrying.Keys);
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                Carry(await _listener.AcceptTcpClientAsync(_end.Token));
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException)
            {
                // That one was gone before it was taken; the next may stay.
            }
        }
    }

    private void Carry(TcpClient near)
    {
        var carrying = CarryAsync(near);
        _carrying[carrying] = 0;
        _ = carrying.ContinueWith(done => _carrying.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private async Task CarryAsync(TcpClient near)
    {
        using var far = new TcpClient { NoDelay = true };
        using (near)
        {
            near.NoDelay = true;
            try
            {
                await far.ConnectAsync(IPAddress.Loopback, _behind, _end.Token);
                _pairs[near] = far;
                var (here, there) = (near.GetStream(), far.GetStream());
                await Task.WhenAny(here.CopyToAsync(there, _end.Token), there.CopyToAsync(here, _end.Token));
            }
            catch (Exception exception) when (exception is SocketException or IOException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
            {
                // Nobody is behind it now, or it was cut: the near end is closed, too.
            }
            finally
            {
                _pairs.TryRemove(near, out _);
            }
        }
    }

    private static void Reset(TcpClient client)
    {
        try
        {
            client.Client.Close(timeout: 0);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or NullReferenceException)
        {
            // It was just closed.
        }
    }
}
