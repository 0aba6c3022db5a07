package dev.purekv.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.purekv.NoNativeLeak;
import dev.purekv.tensor.ComputeDevice;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoNativeLeak.class)
class KvCacheTest {
    private static final KvCache.Shape SHAPE = new KvCache.Shape(2, 3, 5, 4);

    @Test
    void handsOutWhatWasAppendedInOrder() {
        try (KvCache cache = KvCache.reserve(SHAPE, ComputeDevice.CPU)) {
            Tensor k = torch.randn(5, 3, 4);
            Tensor v = torch.randn(5, 3, 4);
            LayerCache layer = cache.layer(1);
            layer.append(k.narrow(0, 0, 4), v.narrow(0, 0, 4));
            layer.append(k.narrow(0, 4, 1), v.narrow(0, 4, 1));
            assertThat(layer.length()).isEqualTo(5);
            assertThat(layer.keys().equal(k.transpose(0, 1))).isTrue();
            assertThat(layer.values().equal(v.transpose(0, 1))).isTrue();
        }
    }

    @Test
    void keepsLayersApart() {
        try (KvCache cache = KvCache.reserve(SHAPE, ComputeDevice.CPU)) {
            cache.layer(0).append(torch.ones(1, 3, 4), torch.ones(1, 3, 4));
            assertThat(cache.layer(0).length()).isEqualTo(1);
            assertThat(cache.layer(1).length()).isZero();
        }
    }

    @Test
    void writesInPlace() {
        try (KvCache cache = KvCache.reserve(SHAPE, ComputeDevice.CPU)) {
            LayerCache layer = cache.layer(0);
            layer.append(torch.ones(1, 3, 4), torch.ones(1, 3, 4));
            long address = layer.keys().data_ptr().address();
            layer.append(torch.ones(3, 3, 4), torch.ones(3, 3, 4));
            assertThat(layer.keys().data_ptr().address()).isEqualTo(address);
        }
    }

    @Test
    void refusesMoreThanItReserved() {
        try (KvCache cache = KvCache.reserve(SHAPE, ComputeDevice.CPU)) {
            LayerCache layer = cache.layer(0);
            layer.append(torch.ones(4, 3, 4), torch.ones(4, 3, 4));
            assertThatThrownBy(() -> layer.append(torch.ones(2, 3, 4), torch.ones(2, 3, 4)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("a cache of 5 tokens that holds 4 has no room for 2 more");
            assertThat(layer.length()).isEqualTo(4);
        }
    }

    @Test
    void countsKeysAndValuesOfAllLayers() {
        try (KvCache cache = KvCache.reserve(SHAPE, ComputeDevice.CPU)) {
            assertThat(cache.bytes()).isEqualTo(2L * 2 * 3 * 5 * 4 * Float.BYTES);
        }
    }

    @Test
    void keepsTheChosenEntriesOfEachHeadInLessMemory() {
        try (KvCache cache = KvCache.reserve(SHAPE, ComputeDevice.CPU)) {
            Tensor k = torch.randn(5, 3, 4);
            Tensor v = torch.randn(5, 3, 4);
            LayerCache layer = cache.layer(1);
            layer.append(k, v);
            long[][] chosen = {{0, 4}, {1, 2}, {3, 4}};
            layer.keep(Tensor.create(new long[] {0, 4, 1, 2, 3, 4}, new long[] {3, 2}), 3);
            assertThat(layer.length()).isEqualTo(2);
            assertThat(layer.bytes()).isEqualTo(2L * 3 * 3 * 4 * Float.BYTES);
            assertThat(layer.heldBytes()).isEqualTo(2L * 3 * 2 * 4 * Float.BYTES);
            assertThat(cache.bytes()).isEqualTo(layer.bytes() + cache.layer(0).bytes());
            for (int head = 0; head < 3; head++) {
                for (int i = 0; i < 2; i++) {
                    assertThat(layer.keys()
                                    .select(0, head)
                                    .select(0, i)
                                    .equal(k.select(1, head).select(0, chosen[head][i])))
                            .isTrue();
                    assertThat(layer.values()
                                    .select(0, head)
                                    .select(0, i)
                                    .equal(v.select(1, head).select(0, chosen[head][i])))
                            .isTrue();
                }
            }
        }
    }

    @Test
    void appendsAfterACutUpToTheNewRoom() {
        try (KvCache cache = KvCache.reserve(SHAPE, ComputeDevice.CPU)) {
            LayerCache layer = cache.layer(0);
            layer.append(torch.randn(5, 3, 4), torch.randn(5, 3, 4));
            layer.keep(Tensor.create(new long[] {0, 0, 0}, new long[] {3, 1}), 2);
            layer.append(torch.ones(1, 3, 4), torch.ones(1, 3, 4));
            assertThat(layer.keys().narrow(1, 1, 1).equal(torch.ones(3, 1, 4))).isTrue();
            assertThatThrownBy(() -> layer.append(torch.ones(1, 3, 4), torch.ones(1, 3, 4)))
                    .hasMessageContaining("a cache of 2 tokens that holds 2 has no room for 1 more");
        }
    }

    @Test
    void refusesToKeepMoreThanTheNewRoom() {
        try (KvCache cache = KvCache.reserve(SHAPE, ComputeDevice.CPU)) {
            LayerCache layer = cache.layer(0);
            layer.append(torch.ones(4, 3, 4), torch.ones(4, 3, 4));
            Tensor positions = Tensor.create(new long[] {0, 1, 0, 1, 0, 1}, new long[] {3, 2});
            assertThatThrownBy(() -> layer.keep(positions, 1)).isInstanceOf(IllegalArgumentException.class);
            assertThat(layer.length()).isEqualTo(4);
        }
    }

    @Test
    void aGrowingCacheReservesALayerWhenItIsWritten() {
        try (KvCache cache = KvCache.growing(SHAPE, layer -> 2 + layer, ComputeDevice.CPU)) {
            assertThat(cache.bytes()).isZero();
            cache.layer(1).append(torch.ones(1, 3, 4), torch.ones(1, 3, 4));
            assertThat(cache.bytes()).isEqualTo(2L * 3 * 3 * 4 * Float.BYTES);
            assertThat(cache.heldBytes()).isEqualTo(2L * 3 * 4 * Float.BYTES);
        }
    }
}
