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
}
